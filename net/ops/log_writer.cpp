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

constexpr auto try_again = 1s, look_again = 1s;

/// A pipe that is ready takes this much without blocking (POSIX, write), and as one piece beside
/// the lines of other processes. So a piece ends with a line, if one ends within it.
std::string_view next_piece(std::string_view left) {
  const auto most = left.substr(0, PIPE_BUF);
  const auto end = most.rfind('\n');
  return end == most.npos ? most : most.substr(0, end + 1);
}

bool is_ready(int descriptor, std::chrono::milliseconds at_most) {
  pollfd one{descriptor, POLLOUT, 0};
  return ::poll(&one, 1, int(at_most.count())) > 0;
}

} // namespace

struct log_writer::state {
  explicit state(log_writer_settings how) : how(std::move(how)) {}

  const log_writer_settings how;
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by it:
  std::string waiting;
  std::size_t in_hand = 0; ///< Bytes that the thread has taken and not written.
  std::uint64_t lost = 0;  ///< Lines, since the last word about them.
  int trouble = 0;         ///< The last error of the descriptor; 0: it stood still, or is well.
  int lost_by = 0;         ///< The trouble when the first of them was lost.
  bool stopping = false, ended = false;

  void tell_of_losses() {
    const auto why = lost_by ? "standard output could not be written: " +
                                   std::generic_category().message(lost_by)
                             : std::string("nobody read standard output");
    waiting += how.as_line(std::to_string(std::exchange(lost, 0)) +
                           " lines of the log were lost because " + why);
  }

  /// What waits, all of it. Empty: this is the end.
  std::string take() {
    std::unique_lock lock(mutex);
    changed.notify_all();
    if (waiting.empty() && lost)
      tell_of_losses();
    changed.wait(lock, [this] { return stopping || !waiting.empty(); });
    in_hand = waiting.size();
    return std::exchange(waiting, {});
  }

  /// False: it is time to stop, and the descriptor takes nothing.
  bool write(std::string_view left) {
    while (!left.empty()) {
      errno = 0;
      const auto piece = next_piece(left);
      const bool ready = is_ready(how.descriptor, look_again);
      const auto written = ready ? ::write(how.descriptor, piece.data(), piece.size()) : 0;
      const int error = ready && written < 0 ? errno : 0;
      left.remove_prefix(std::size_t(std::max(written, ssize_t{0})));
      std::unique_lock lock(mutex);
      in_hand = left.size();
      if (error == EINTR)
        continue;
      trouble = error == EAGAIN ? 0 : error;
      if (written > 0)
        continue;
      if (stopping)
        return false;
      if (error)
        changed.wait_for(lock, error == EAGAIN ? 10ms : try_again, [this] { return stopping; });
    }
    return true;
  }

  void run() {
    for (;;) {
      const auto lines = take();
      if (lines.empty() || !write(lines))
        break;
    }
    const std::lock_guard guard(mutex);
    ended = true;
    changed.notify_all();
  }
};

log_writer::log_writer(log_writer_settings how)
    : state_(std::make_shared<state>(std::move(how))), thread_([mine = state_] {
        pthread_setname_np(pthread_self(), "log");
        mine->run();
      }) {}

log_writer::~log_writer() {
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    state_->changed.wait_for(lock, state_->how.last_wait, [this] { return state_->ended; });
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
  const auto most = s.lost ? s.how.again_below : s.how.most_bytes;
  if (s.waiting.size() + s.in_hand + line.size() > most) {
    if (s.lost++ == 0)
      s.lost_by = s.trouble;
    s.how.lost();
    return;
  }
  if (s.lost)
    s.tell_of_losses();
  s.waiting += line;
  s.changed.notify_all();
}

bool log_writer::flush(std::chrono::milliseconds at_most) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(
      lock, at_most, [this] { return state_->waiting.empty() && state_->in_hand == 0; });
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
