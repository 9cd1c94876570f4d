// The liveness of one thread or actor: a beat that is due at a deadline.
// Knows: when the next beat is due. Must not know: what beats, or who checks.
#pragma once

#include <atomic>
#include <chrono>
#include <limits>
#include <string>

namespace hubbub {

/// A thread or actor beats within three seconds after a beat was expected of it, or it is stalled.
/// Threads: all calls may come from any thread. Lifetime: shared by the thread or actor and those
/// that check it. Invariant: at most one beat is due at a time.
class heartbeat {
public:
  using clock = std::chrono::steady_clock;

  explicit heartbeat(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// Makes a beat due in three seconds. Returns false if one is due already.
  bool expect() {
    auto none = never;
    return due_.compare_exchange_strong(none, (clock::now() + patience).time_since_epoch().count());
  }

  void beat() { due_ = never; }

  bool stalled() const { return clock::now().time_since_epoch().count() > due_; }

private:
  static constexpr std::chrono::seconds patience{3};
  static constexpr auto never = std::numeric_limits<clock::rep>::max();

  const std::string name_;
  std::atomic<clock::rep> due_ = never; ///< The deadline of the beat, or `never`: none is due.
};

} // namespace hubbub
