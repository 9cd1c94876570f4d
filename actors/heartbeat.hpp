// The liveness of one thread or actor: a beat that is due at a deadline.
// Knows: when the next beat is due. Must not know: the thread or actor that beats, or the check.
#pragma once

#include <atomic>
#include <chrono>
#include <limits>
#include <string>

namespace hubbub {

/// A thread or actor is stalled if it has not beaten within three seconds after `expect`.
/// Threads: all calls may come from any thread. Lifetime: shared by the thread or actor that
/// beats and the health actor. Invariant: at most one beat is pending.
class heartbeat {
public:
  using clock = std::chrono::steady_clock;

  explicit heartbeat(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// Expects a beat within three seconds. Returns false if one is pending already.
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
  std::atomic<clock::rep> due_ = never; ///< The deadline of the beat, or `never`: none is pending.
};

} // namespace hubbub
