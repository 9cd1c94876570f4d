// One child process: its start, its output line by line, its signals and its end. Must not know
// what the program does.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace test {

/// A program to run. Of the tests' environment the program gets only the variables that find
/// programs and configure sanitizers. It gets neither the user's home nor the user's locale, so a
/// developer's shell cannot change a result.
struct command {
  std::string program;
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};
  std::string folder = "/";
  std::optional<std::pair<uid_t, gid_t>> user = {};
  std::optional<std::size_t> processes = {}; ///< RLIMIT_NPROC, which has no effect on root.
  std::optional<int> out = {};               ///< The standard output, if it is not to be collected.
  std::optional<int> err = {};               ///< The standard error, if it is not to be collected.
};

enum class stream { out, err };

/// A running child. The destructor kills and reaps it. The kernel kills the child when the thread
/// that started it ends, so start processes from the thread of the test. *Threads*: `line`,
/// `output` and `log` may be called from any thread; the rest belongs to the thread that started
/// the child.
class process {
public:
  explicit process(const command& what);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const;
  void signal(int number) const;

  /// The next line that was not read yet, without its newline. Throws `timeout`, or
  /// `std::runtime_error` with all output if the stream ends first.
  std::string line(stream from, deadline until = patience);

  /// Waits for the end of the stream and returns the whole output.
  std::string output(stream from, deadline until = patience);

  /// Everything that the child has written to both streams so far, standard output first.
  std::string log() const;

  /// Waits for the end. Returns the exit code, or 128 plus the number of the signal that ended the
  /// child.
  int wait(deadline until = patience);

private:
  struct text {
    std::string all;
    std::size_t read = 0;
    bool ended = false;
  };

  void collect(std::array<descriptor, 2> pipes);

  pid_t pid_ = -1;
  descriptor pidfd_;
  descriptor stop_;
  std::optional<int> code_;
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::array<text, 2> texts_;
  std::thread collector_;
};

/// The exit code and the output of a program that has ended.
struct outcome {
  int code;
  std::string out;
  std::string err;
};

outcome run(const command& what, deadline until = patience);

} // namespace test
