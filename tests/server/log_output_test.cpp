// The reader of the hub's log may stop reading, end or have no space. The hub goes on and stops
// when it is told to.
#include "tests/server/exposition.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <regex>
#include <sstream>
#include <termios.h>
#include <unistd.h>

using namespace test;

TEST_SUITE_BEGIN("log output");

namespace {

struct pipe_ends {
  pipe_ends() {
    int ends[2];
    checked(::pipe2(ends, O_CLOEXEC), "pipe2");
    reader = descriptor{ends[0]}, writer = descriptor{ends[1]};
  }
  descriptor reader, writer;
};

/// Fills a pipe to the last byte.
void fill(const descriptor& pipe) {
  const int flags = ::fcntl(pipe.get(), F_GETFL);
  checked(::fcntl(pipe.get(), F_SETFL, flags | O_NONBLOCK), "fcntl");
  for (std::size_t size = 65536; size > 0;)
    if (::write(pipe.get(), std::string(size, '\n').data(), size) < 0)
      size /= 2;
  checked(::fcntl(pipe.get(), F_SETFL, flags), "fcntl");
}

/// A hub whose output the test redirects. It is told its port, because the test cannot read the
/// port from its output.
class redirected_hub {
public:
  explicit redirected_hub(settings more, const std::function<void(command&)>& redirect) {
    more.emplace("HOST", "127.0.0.1");
    more.emplace("PORT", std::to_string(port()));
    more.emplace("DATABASE_URL", db_.url());
    more.emplace("RATE_LIMIT", "0");
    if (under_tls()) {
      more.emplace("TLS_CERT", common_certificate().chain);
      more.emplace("TLS_KEY", common_certificate().key);
    }
    auto what = hub_command(more);
    redirect(what);
    server_.emplace(what);
    eventually("the hub to answer", [&] {
      try {
        return fetch(port(), "/health").status == 200;
      } catch (const std::exception&) {
        return false;
      }
    });
  }

  /// A client sends that many messages and receives them.
  void exchange_messages(std::size_t count) {
    ws_client someone{port()};
    std::size_t heard = 0;
    for (std::size_t i = 0; i < count; ++i)
      someone.send_text(R"({"type":"message","text":"hello"})");
    while (heard < count)
      heard += json::parse(someone.next_text()).value("type", "") == "message";
    someone.leave();
  }

  double lost() const {
    const auto body = fetch(port(), "/metrics").body;
    const std::string name = "\nhubbub_log_lines_lost_total ";
    return std::stod(body.substr(body.find(name) + name.size()));
  }

  int stop(deadline until = patience) {
    server_->signal(SIGTERM);
    return server_->wait(until);
  }

  std::uint16_t port() const { return port_.number(); }
  const sqlite& db() const { return db_; }
  process& server() { return *server_; }

private:
  sqlite db_;
  held_port port_;
  std::optional<process> server_;
};

/// Appends to `all` until `done` returns true or the stream ends.
void read_until(const descriptor& from, std::string& all, const std::function<bool()>& done) {
  for (std::string chunk(65536, '\0'); !done();) {
    wait_for(from.get(), POLLIN, patience, "more of the log");
    const auto size = checked(::read(from.get(), chunk.data(), chunk.size()), "read");
    if (size == 0)
      return;
    all.append(chunk, 0, std::size_t(size));
  }
}

} // namespace

TEST_CASE(
    "a log reader that stops reading does not block the hub, and later learns how much it missed") {
  pipe_ends pipe;
  redirected_hub hub{{{"DEBUG", "true"}}, [&](command& what) { what.out = pipe.writer.get(); }};
  pipe.writer.close();
  while (hub.lost() == 0)
    hub.exchange_messages(1000);
  hub.exchange_messages(1000);
  const auto lost = std::uint64_t(hub.lost());
  const auto told_of = fetch(hub.port(), "/ws-info").json()["log_lines_lost"].get<std::uint64_t>();
  CHECK(told_of >= lost);
  CHECK(double(told_of) <= hub.lost()); // more lines may be lost in the meantime
  SUBCASE("it never reads again") {
    CHECK(hub.stop() == 0);
  }
  SUBCASE("it reads again") {
    const std::string word = " lines of the log were lost because nobody read standard output\n";
    std::string log;
    read_until(pipe.reader, log, [&] { return log.find(word) != log.npos; });
    hub.exchange_messages(1);
    CHECK(hub.stop() == 0);
    read_until(pipe.reader, log, [] { return false; });

    const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [a-z]+ .+)"),
        loss(R"((\d+) lines of the log were lost)"), message(R"(has message (\d+) as its number)");
    std::uint64_t told = 0, last = 0;
    std::istringstream lines{log};
    std::string before;
    for (std::string line; std::getline(lines, line); before = line) {
      CHECK(std::regex_match(line, form));
      if (std::smatch found; std::regex_search(line, found, loss))
        told += std::stoull(found[1]);
      else if (std::regex_search(line, found, message)) {
        CHECK(std::stoull(found[1]) > last);
        last = std::stoull(found[1]);
      }
    }
    CHECK(told >= lost);
    CHECK(before.ends_with("stopped, everything accepted is stored"));
  }
}

TEST_CASE("a log that cannot be written does not block the hub") {
  SUBCASE("the disk is full") {
    descriptor full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
    redirected_hub hub{{}, [&](command& what) { what.out = full.get(); }};
    hub.exchange_messages(10);
    CHECK(hub.stop() == 0);
  }
  SUBCASE("the reader has ended") {
    pipe_ends pipe;
    pipe.reader.close();
    redirected_hub hub{{}, [&](command& what) { what.out = pipe.writer.get(); }};
    hub.exchange_messages(10);
    CHECK(hub.stop() == 0);
  }
  SUBCASE("both streams are one full pipe") {
    pipe_ends pipe;
    fill(pipe.writer);
    redirected_hub hub{{}, [&](command& what) { what.out = what.err = pipe.writer.get(); }};
    hub.exchange_messages(10);
    CHECK(hub.stop() == 0);
  }
  SUBCASE("the terminal is suspended") {
    descriptor master{checked(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt")};
    checked(::grantpt(master.get()), "grantpt");
    checked(::unlockpt(master.get()), "unlockpt");
    char name[64];
    REQUIRE(::ptsname_r(master.get(), name, sizeof name) == 0);
    descriptor terminal{checked(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), "open")};
    checked(::tcflow(terminal.get(), TCOOFF), "tcflow");
    redirected_hub hub{{}, [&](command& what) { what.out = terminal.get(); }};
    hub.exchange_messages(10);
    CHECK(hub.stop() == 0);
  }
}

TEST_CASE("the log is never written to a file that took over the number of a closed stream") {
  redirected_hub hub{{}, [](command& what) {
                       what.arguments = {"-c", R"(exec "$0" <&- >&- 2>&-)", what.program};
                       what.program = "/bin/sh";
                     }};
  hub.exchange_messages(10);
  for (const auto* stream : {"0", "1", "2"})
    CHECK(std::filesystem::read_symlink("/proc/" + std::to_string(hub.server().pid()) + "/fd/" +
                                        stream) == "/dev/null");
  CHECK(hub.stop() == 0);
  CHECK(hub.db().sql("pragma integrity_check") == rows{{"ok"}});
  CHECK(hub.db().sql("select count(*) from messages") == rows{{"10"}});
}

TEST_CASE("an error at the start ends the hub, even if nobody reads the message") {
  pipe_ends pipe;
  fill(pipe.writer);
  sqlite db, other;
  hub first{other};
  settings wrong{{"HOST", "127.0.0.1"}, {"DATABASE_URL", db.url()}};
  int code = 0;
  SUBCASE("a setting") {
    code = 2;
    wrong["PORT"] = "none";
  }
  SUBCASE("a port in use") {
    code = 1;
    wrong["PORT"] = std::to_string(first.port());
  }
  auto what = hub_command(wrong);
  what.out = what.err = pipe.writer.get();
  CHECK(process{what}.wait(patience) == code);
}

TEST_SUITE_END();
