#include "net/ops/log_writer.hpp"

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"

#include <atomic>
#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <unistd.h>

using namespace hubbub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("log writer");

namespace {

struct pipe_pair {
  pipe_pair() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    reader = test::descriptor{ends[0]};
    writer = test::descriptor{ends[1]};
  }

  std::string read(std::size_t at_least) {
    std::string out;
    std::string chunk(65536, '\0');
    while (out.size() < at_least) {
      test::wait_for(reader.get(), POLLIN, test::patience, "the log writer to write");
      const auto size = ::read(reader.get(), chunk.data(), chunk.size());
      REQUIRE(size > 0);
      out.append(chunk, 0, std::size_t(size));
    }
    return out;
  }

  test::descriptor reader, writer;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

} // namespace

TEST_CASE("all lines are written in their order before the writer ends") {
  pipe_pair pipe;
  std::string said;
  {
    log_writer out({.descriptor = pipe.writer.get()});
    for (int i = 0; i < 1000; ++i) {
      const auto line = "line " + std::to_string(i) + '\n';
      said += line;
      out.write(line);
    }
    CHECK(out.flush(test::patience));
  }
  CHECK(pipe.read(said.size()) == said);
}

TEST_CASE(
    "without a reader no caller waits, and the number of lost lines is written in their place") {
  pipe_pair pipe;
  REQUIRE(::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 4096) ==
          4096); // much less than the queue may hold
  std::atomic<int> lost = 0;
  const std::string filler(99, 'x');
  std::string heard;
  int written = 0;
  {
    log_writer out({.descriptor = pipe.writer.get(),
                    .max_bytes = 10'000,
                    .resume_below = 5'000,
                    .on_lost = [&] { ++lost; }});
    while (lost < 50) {
      out.write(filler + '\n');
      ++written;
    }
    CHECK_FALSE(out.flush(0ms));
    while (!heard.ends_with(" lines of the log were lost because nobody read standard output\n"))
      heard += pipe.read(1);
    out.write("the line after it\n");
    CHECK(out.flush(test::patience));
  }
  heard += pipe.read(1);
  const auto lines = lines_of(heard);
  const int whole = written - lost;
  REQUIRE(int(lines.size()) == whole + 2);
  for (int i = 0; i < whole; ++i)
    CHECK(lines[std::size_t(i)] == filler);
  CHECK(lines[std::size_t(whole)] ==
        std::to_string(lost) + " lines of the log were lost because nobody read standard output");
  CHECK(lines.back() == "the line after it");
}

TEST_CASE("after a loss lines are accepted again when there is room for many of them") {
  pipe_pair pipe;
  const int room = ::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 4096);
  REQUIRE(room == 4096);
  std::atomic<int> lost = 0;
  const std::string line = std::string(99, 'x') + '\n';
  log_writer out({.descriptor = pipe.writer.get(),
                  .max_bytes = 40'000,
                  .resume_below = 20'000,
                  .flush_timeout = 0ms,
                  .on_lost = [&] { ++lost; }});
  while (lost == 0)
    out.write(line);
  pipe.read(4096);
  test::wait_for(pipe.reader.get(), POLLIN, test::patience, "more of the log");
  const int before = lost;
  out.write(line); // there is room for some forty such lines; a further line would be lost again
  CHECK(lost == before + 1);
}

TEST_CASE(
    "a write error is reported with its name, and waiting lines are written when it is over") {
  test::descriptor full{::open("/dev/full", O_WRONLY | O_CLOEXEC)}, target{::dup(full.get())};
  pipe_pair pipe;
  std::atomic<int> lost = 0;
  std::string heard;
  {
    log_writer out(
        {.descriptor = target.get(), .max_bytes = 1000, .resume_below = 500, .on_lost = [&] {
           ++lost;
         }});
    out.write("the first line\n");
    test::eventually("the error to be met", [&] {
      out.write(std::string(399, 'x') + '\n');
      return lost > 5;
    });
    REQUIRE(::dup2(pipe.writer.get(), target.get()) == target.get());
    while (heard.find("were lost") == heard.npos || !heard.ends_with('\n'))
      heard += pipe.read(1);
  }
  const auto lines = lines_of(heard);
  CHECK(lines.front() == "the first line");
  CHECK(lines.back() == std::to_string(lost) + " lines of the log were lost because standard "
                                               "output could not be written: No space left on "
                                               "device");
}

TEST_CASE("the end waits for a reader for the given time, and no longer") {
  pipe_pair pipe;
  const auto began = std::chrono::steady_clock::now();
  {
    log_writer out({.descriptor = pipe.writer.get(), .flush_timeout = 100ms});
    out.write(std::string(200'000, 'x') + '\n');
  }
  CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("the end does not wait for a reader that closed the pipe") {
  std::signal(SIGPIPE, SIG_IGN);
  pipe_pair pipe;
  pipe.reader.close();
  const auto began = std::chrono::steady_clock::now();
  {
    log_writer out({.descriptor = pipe.writer.get(), .flush_timeout = 1h});
    out.write("a line\n");
  }
  CHECK(std::chrono::steady_clock::now() - began < 1min);
  std::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("write_or_give_up gives up when nobody reads") {
  pipe_pair pipe;
  write_or_give_up(pipe.writer.get(), "a word\n");
  CHECK(pipe.read(1) == "a word\n");
  write_or_give_up(pipe.writer.get(), std::string(200'000, 'x'));
}

TEST_SUITE_END();
