// The one bound on what was accepted and is not yet shown, over all connections.
// Knows: how much that is, and whether the log is well. Must not know: who accepts or shows.
#pragma once

#include "storage/message.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace hubbub {

/// What an accepted draft counts: its text, and what carries it.
inline std::int64_t weight(const draft& d) {
  return std::int64_t(d.text.size() + d.key.size()) + 512;
}

/// While the log is well and the intake is full, sessions stop reading: backpressure. While the log
/// is away, they read on so that senders are told `busy`. All calls may come from any thread.
class intake {
public:
  using clock = std::chrono::steady_clock;

  explicit intake(std::int64_t limit_bytes) : limit_(limit_bytes) {}

  void take(std::int64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }

  void give(std::int64_t bytes) {
    const auto before = used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (before > limit_ / 2 && before - bytes <= limit_ / 2)
      call_waiting();
  }

  bool full() const { return used_.load(std::memory_order_relaxed) >= limit_; }
  std::int64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_; }

  /// May a session read another frame? If not, `on_room` calls tell when to ask again.
  bool open() const { return !full() || !log_is_well(); }

  /// Called when there is room again or the log's state changes; must not block.
  void on_room(std::function<void()> call) {
    const std::lock_guard guard(mutex_);
    calls_.push_back(std::move(call));
  }

  /// From now on nobody is called.
  void call_nobody() {
    const std::lock_guard guard(mutex_);
    calls_.clear();
  }

  /// The persistence actor tells how the log is. A log that has not answered for over a second
  /// counts as away, though nobody can say so yet.
  void log_well(bool well) {
    if (well_.exchange(well) != well)
      call_waiting();
  }
  /// Something was stored just now.
  void log_written() { written_at_ = clock::now().time_since_epoch().count(); }
  bool log_written_since(clock::time_point then) const {
    return written_at_ > then.time_since_epoch().count();
  }

  /// While it lives, the log is being asked something.
  class watch {
  public:
    explicit watch(intake& of) : of_(of) {
      of_.asked_since_ = clock::now().time_since_epoch().count();
    }
    ~watch() { of_.asked_since_ = 0; }
    watch(const watch&) = delete;

  private:
    intake& of_;
  };

  bool log_is_well() const {
    const auto since = asked_since_.load();
    return well_ &&
           (since == 0 || clock::now().time_since_epoch() - clock::duration(since) < patience);
  }

  /// Gives the bytes back when the last copy is gone.
  static std::shared_ptr<const void> credit(std::shared_ptr<intake> from, std::int64_t bytes) {
    auto* const owner = from.get();
    return {owner, [from = std::move(from), bytes](const intake*) { from->give(bytes); }};
  }

private:
  static constexpr std::chrono::seconds patience{1};

  void call_waiting() {
    const std::lock_guard guard(mutex_);
    for (const auto& call : calls_)
      call();
  }

  const std::int64_t limit_;
  std::atomic<std::int64_t> used_ = 0;
  std::atomic<bool> well_ = false;
  std::atomic<clock::rep> asked_since_ = 0, written_at_ = 0;
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;
};

} // namespace hubbub
