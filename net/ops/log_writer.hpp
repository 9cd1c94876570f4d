// Writes log lines to a descriptor that may block.
// Knows: descriptors and their errors. Must not know: the content of a line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace hubbub {

struct log_writer_settings {
  /// Not owned. It may be blocking; its flags stay unchanged.
  int descriptor = 1;
  /// Bytes that wait at most; further lines are lost.
  std::size_t max_bytes = 1 << 20;
  /// Bytes that wait at most before lines are taken again after a loss.
  std::size_t resume_below = 1 << 19;
  /// How long the destructor waits for lines to be written.
  std::chrono::milliseconds flush_timeout{500};

  /// Formats a sentence about lost lines as a line with its end. Called by one thread at a time.
  std::function<std::string(std::string_view)> format_line = [](std::string_view sentence) {
    return std::string(sentence) + '\n';
  };
  /// Called for each lost line; must not block.
  std::function<void()> on_lost = [] {};
};

/// Writes lines on a thread of its own, in order and without splitting them. `write` never waits
/// for the descriptor. While the descriptor takes nothing (a pipe is not read or was closed, a disk
/// is full), lines wait up to a bound. Later lines are lost, and one line in their place tells
/// their number and the reason. After an error the thread tries again once a second.
///
/// Threads: all calls may come from any thread. Lifetime: the destructor ends within
/// `flush_timeout`; a thread that hangs in write(2) is detached and keeps the state that it uses.
/// Invariant: the bytes that wait and the bytes that are being written never exceed `max_bytes` by
/// more than one line about lost lines.
class log_writer {
public:
  /// Throws std::system_error if no thread can be started.
  explicit log_writer(log_writer_settings settings);
  ~log_writer();
  log_writer(const log_writer&) = delete;

  /// Takes a line with its end. Does not block.
  void write(std::string_view line);

  /// Waits until all lines are written. Returns false after the timeout.
  bool flush(std::chrono::milliseconds timeout);

private:
  struct state;

  std::shared_ptr<state> state_;
  std::thread thread_;
};

/// Writes the last message of a process without a log_writer, and gives up after a second.
void write_or_give_up(int descriptor, std::string_view text);

} // namespace hubbub
