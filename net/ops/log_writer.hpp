// Lines on their way to a descriptor that may stand still.
// Knows: descriptors, and what they answer. Must not know: what a line says.
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
  int descriptor = 1;                 ///< Not owned. It may be blocking, and is left as it is.
  std::size_t max_bytes = 1 << 20;    ///< What waits at most; then new lines are lost.
  std::size_t resume_below = 1 << 19; ///< When so little waits after a loss, lines are taken again.
  std::chrono::milliseconds flush_timeout{500}; ///< The destructor's, for lines to get out.

  /// Makes a line, with its end, of a sentence about lost lines. Called by one thread at a time.
  std::function<std::string(std::string_view)> format_line = [](std::string_view sentence) {
    return std::string(sentence) + '\n';
  };
  std::function<void()> on_lost = [] {}; ///< Called for each lost line; must not block.
};

/// Writes lines on a thread of its own, in their order and each one whole. `write` never waits for
/// the descriptor. While the descriptor takes nothing (nobody reads the pipe, the disk is full, the
/// reader has gone), lines wait up to a bound; later ones are lost, and a line that stands in their
/// place tells their number and the reason. An error is tried again once a second.
///
/// Threads: any may write. Lifetime: the destructor ends within `flush_timeout`; a thread that
/// hangs in write(2) is left behind, with a state of its own. Throws std::system_error, if there
/// can be no thread.
class log_writer {
public:
  explicit log_writer(log_writer_settings settings);
  ~log_writer();
  log_writer(const log_writer&) = delete;

  /// A line with its end.
  void write(std::string_view line);

  /// Waits until all lines are written. False: they are not, within that time.
  bool flush(std::chrono::milliseconds timeout);

private:
  struct state;

  std::shared_ptr<state> state_;
  std::thread thread_;
};

/// For the last words of a process: writes the text, or gives up after a second.
void write_or_give_up(int descriptor, std::string_view text);

} // namespace hubbub
