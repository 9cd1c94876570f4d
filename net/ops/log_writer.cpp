#include "net/ops/log_writer.hpp"

#include "storage/thread_safety.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto retry_interval = 1s, poll_interval = 1s;

/// Returns the bytes of the next write, at most PIPE_BUF. A pipe that is ready takes PIPE_BUF bytes
/// without blocking, and does not mix them with the output of other processes (POSIX, write). The
/// piece ends at the end of a line, if there is one within it.
std::string_view next_piece(std::string_view left) {
  const auto piece = left.substr(0, PIPE_BUF);
  const auto end = piece.rfind('\n');
  return end == piece.npos ? piece : piece.substr(0, end + 1);
}

bool is_ready(int descriptor, std::chrono::milliseconds timeout) {
  pollfd one{descriptor, POLLOUT, 0};
  return ::poll(&one, 1, int(timeout.count())) > 0;
}

} // namespace

/// What the thread shares with its owner. The thread keeps the state alive, and a thread that hangs
/// in write(2) outlives the log_writer with it.
struct log_writer::state {
  enum class phase { running, stopping, ended };

  explicit state(log_writer_settings settings) : settings(std::move(settings)) {}

  const log_writer_settings settings; ///< Constant after construction.

  annotated_mutex mutex;
  std::condition_variable changed; ///< Notified of every change of `waiting` and `now`.
  std::string waiting HUBBUB_GUARDED_BY(mutex);
  /// Bytes that the thread has taken from `waiting` and not written.
  std::size_t being_written HUBBUB_GUARDED_BY(mutex) = 0;
  /// Lines that were lost since the last line about lost lines.
  std::uint64_t lost HUBBUB_GUARDED_BY(mutex) = 0;
  /// The last error of the descriptor, or 0 if it was not ready or took bytes.
  int last_error HUBBUB_GUARDED_BY(mutex) = 0;
  /// The value of `last_error` when the first of the lost lines was lost.
  int loss_error HUBBUB_GUARDED_BY(mutex) = 0;
  phase now HUBBUB_GUARDED_BY(mutex) = phase::running;

  void append_loss_line() HUBBUB_REQUIRES(mutex) {
    const auto why = loss_error ? "standard output could not be written: " +
                                      std::generic_category().message(loss_error)
                                : std::string("nobody read standard output");
    waiting += settings.format_line(std::to_string(std::exchange(lost, 0)) +
                                    " lines of the log were lost because " + why);
  }

  /// Takes all lines that wait, or waits for some. Returns an empty text when there is nothing left
  /// and the writer stops.
  std::string wait_for_lines() {
    mutex_lock lock(mutex);
    changed.notify_all();
    if (waiting.empty() && lost)
      append_loss_line();
    changed.wait(lock.native(), [this]() HUBBUB_REQUIRES(mutex) {
      return now != phase::running || !waiting.empty();
    });
    being_written = waiting.size();
    return std::exchange(waiting, {});
  }

  /// Writes the text, and tries again after an error. Returns false if the writer stops and the
  /// descriptor takes nothing.
  bool write(std::string_view left) {
    while (!left.empty()) {
      errno = 0;
      const auto piece = next_piece(left);
      const bool ready = is_ready(settings.descriptor, poll_interval);
      const auto written = ready ? ::write(settings.descriptor, piece.data(), piece.size()) : 0;
      const int error = ready && written < 0 ? errno : 0;
      left.remove_prefix(std::size_t(std::max(written, ssize_t{0})));
      mutex_lock lock(mutex);
      being_written = left.size();
      if (error == EINTR)
        continue;
      last_error = error == EAGAIN ? 0 : error;
      if (written > 0)
        continue;
      if (now != phase::running)
        return false;
      if (error)
        changed.wait_for(lock.native(), error == EAGAIN ? 10ms : retry_interval,
                         [this]() HUBBUB_REQUIRES(mutex) { return now != phase::running; });
    }
    return true;
  }

  void run() {
    for (;;) {
      const auto lines = wait_for_lines();
      if (lines.empty() || !write(lines))
        break;
    }
    const mutex_lock lock(mutex);
    now = phase::ended;
    changed.notify_all();
  }

  /// Stops the thread. Returns false if it has not ended within the time for flushing.
  bool stop() {
    mutex_lock lock(mutex);
    now = phase::stopping;
    changed.notify_all();
    return changed.wait_for(lock.native(), settings.flush_timeout,
                            [this]() HUBBUB_REQUIRES(mutex) { return now == phase::ended; });
  }
};

log_writer::log_writer(log_writer_settings settings)
    : state_(std::make_shared<state>(std::move(settings))), thread_([state = state_] {
        pthread_setname_np(pthread_self(), "log");
        state->run();
      }) {}

log_writer::~log_writer() {
  if (state_->stop())
    thread_.join();
  else
    thread_.detach();
}

void log_writer::write(std::string_view line) {
  auto& s = *state_;
  const mutex_lock lock(s.mutex);
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
  auto& s = *state_;
  mutex_lock lock(s.mutex);
  return s.changed.wait_for(lock.native(), timeout, [&s]() HUBBUB_REQUIRES(s.mutex) {
    return s.waiting.empty() && s.being_written == 0;
  });
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
