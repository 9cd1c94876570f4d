// One child process: its start, its output line by line, its signals and its end.
// Knows nothing of what the program does.
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

/// A program to run. Of the tests' own environment it gets only what finds programs and steers
/// sanitizers, and neither a home nor a locale of the user's, so that a developer's shell changes
/// no result.
struct command {
  std::string program;
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};
  std::string folder = "/";
  std::optional<std::pair<uid_t, gid_t>> user = {};
  std::optional<std::size_t> processes = {}; ///< RLIMIT_NPROC, which does not bind root.
  std::optional<int> out = {}; ///< A descriptor for its standard output, which is not collected.
  std::optional<int> err = {}; ///< The same for its standard error.
};

enum class stream { out, err };

/// A running child. It is killed and reaped with its owner, and killed by the kernel should the
/// thread that started it die first: start processes from the thread of the test.
class process {
public:
  explicit process(const command& what);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const;
  void signal(int number) const;

  /// The next line that was not read yet, without its end. Throws `timeout`, and
  /// `std::runtime_error` with all output when the stream ends first.
  std::string line(stream from, deadline until = patience);

  /// The whole output, once the stream has ended.
  std::string output(stream from, deadline until = patience);

  /// Everything written to both streams up to now, for a person who looks for a failure.
  std::string log() const;

  /// The exit code, or 128 + the number of the signal that ended it.
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

/// How a program that was run to its end came out.
struct outcome {
  int code;
  std::string out;
  std::string err;
};

outcome run(const command& what, deadline until = patience);

} // namespace test
