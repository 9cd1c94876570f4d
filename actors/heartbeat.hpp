// A sign of life of one thread or actor.
// Knows: when the next one is due. Must not know: whose it is, who looks.
#pragma once

#include <atomic>
#include <chrono>
#include <limits>
#include <string>

namespace hubbub {

/// Whoever has one is to beat within three seconds of being expected to. All calls may come
/// from any thread.
class heartbeat {
public:
  using clock = std::chrono::steady_clock;

  explicit heartbeat(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// From now on a beat is due. False: one is already.
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
  std::atomic<clock::rep> due_ = never;
};

} // namespace hubbub
