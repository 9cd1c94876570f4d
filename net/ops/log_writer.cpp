#include "net/ops/log_writer.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto retry_interval = 1s, poll_interval = 1s;

/// A pipe that is ready takes this much without blocking (POSIX, write), and as one piece beside
/// the lines of other processes. So a piece ends with a line, if one ends within it.
std::string_view next_piece(std::string_view left) {
  const auto max = left.substr(0, PIPE_BUF);
  const auto end = max.rfind('\n');
  return end == max.npos ? max : max.substr(0, end + 1);
}

bool is_ready(int descriptor, std::chrono::milliseconds timeout) {
  pollfd one{descriptor, POLLOUT, 0};
  return ::poll(&one, 1, int(timeout.count())) > 0;
}

} // namespace

struct log_writer::state {
  explicit state(log_writer_settings settings) : settings(std::move(settings)) {}

  const log_writer_settings settings;
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by it:
  std::string waiting;
  std::size_t being_written = 0; ///< Bytes that the thread has taken and not written.
  std::uint64_t lost = 0;        ///< Lines, since the last word about them.
  int last_error = 0; ///< The last error of the descriptor; 0: it stood still, or is well.
  int loss_error = 0; ///< The trouble when the first of them was lost.
  bool stopping = false, ended = false;

  void append_loss_line() {
    const auto why = loss_error ? "standard output could not be written: " +
                                      std::generic_category().message(loss_error)
                                : std::string("nobody read standard output");
    waiting += settings.format_line(std::to_string(std::exchange(lost, 0)) +
                                    " lines of the log were lost because " + why);
  }

  /// What waits, all of it. Empty: this is the end.
  std::string wait_for_lines() {
    std::unique_lock lock(mutex);
    changed.notify_all();
    if (waiting.empty() && lost)
      append_loss_line();
    changed.wait(lock, [this] { return stopping || !waiting.empty(); });
    being_written = waiting.size();
    return std::exchange(waiting, {});
  }

  /// False: it is time to stop, and the descriptor takes nothing.
  bool write(std::string_view left) {
    while (!left.empty()) {
      errno = 0;
      const auto piece = next_piece(left);
      const bool ready = is_ready(settings.descriptor, poll_interval);
      const auto written = ready ? ::write(settings.descriptor, piece.data(), piece.size()) : 0;
      const int error = ready && written < 0 ? errno : 0;
      left.remove_prefix(std::size_t(std::max(written, ssize_t{0})));
      std::unique_lock lock(mutex);
      being_written = left.size();
      if (error == EINTR)
        continue;
      last_error = error == EAGAIN ? 0 : error;
      if (written > 0)
        continue;
      if (stopping)
        return false;
      if (error)
        changed.wait_for(lock, error == EAGAIN ? 10ms : retry_interval,
                         [this] { return stopping; });
    }
    return true;
  }

  void run() {
    for (;;) {
      const auto lines = wait_for_lines();
      if (lines.empty() || !write(lines))
        break;
    }
    const std::lock_guard guard(mutex);
    ended = true;
    changed.notify_all();
  }
};

log_writer::log_writer(log_writer_settings settings)
    : state_(std::make_shared<state>(std::move(settings))), thread_([state = state_] {
        pthread_setname_np(pthread_self(), "log");
        state->run();
      }) {}

log_writer::~log_writer() {
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    state_->changed.wait_for(lock, state_->settings.flush_timeout,
                             [this] { return state_->ended; });
    if (!state_->ended) {
      thread_.detach();
      return;
    }
  }
  thread_.join();
}

void log_writer::write(std::string_view line) {
  auto& s = *state_;
  const std::lock_guard guard(s.mutex);
  const auto max = s.lost ? s.settings.resume_below : s.settings.max_bytes;
  if (s.waiting.size() + s.being_written + line.size() > max) {
    if (s.lost++ == 0)
      s.loss_error = s.last_error;
    s.settings.on_lost();
    return;
  }
  if (s.lost)
    s.append_loss_line();
  s.waiting += line;
  s.changed.notify_all();
}

bool log_writer::flush(std::chrono::milliseconds timeout) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(
      lock, timeout, [this] { return state_->waiting.empty() && state_->being_written == 0; });
}

void write_or_give_up(int descriptor, std::string_view text) {
  for (const auto end = clock::now() + 1s; !text.empty() && clock::now() < end;) {
    if (!is_ready(descriptor, 1s))
      return;
    const auto written =
        ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR && errno != EAGAIN)
      return;
    text.remove_prefix(std::size_t(std::max(written, ssize_t{0})));
  }
}

} // namespace hubbub
