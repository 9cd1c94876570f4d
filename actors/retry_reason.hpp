// Whether the reason of a retry is new and is to be logged.
// Knows: the reasons that were logged lately. Must not know: what is retried, or the logger.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace hubbub {

/// The reasons of one loop of retries. Threads: may be used by one thread at a time.
class retry_reason {
public:
  using clock = std::chrono::steady_clock;

  /// Returns whether a reason is to be logged: when it differs from the last one and was not logged
  /// within ten seconds. So reasons that alternate are logged every ten seconds.
  bool is_new(const std::string& why, clock::time_point now = clock::now()) {
    if (why == last_)
      return false;
    if (const auto at = logged_at_.find(why);
        at != logged_at_.end() && now - at->second < repeat_after)
      return false;
    if (logged_at_.size() >= max_reasons)
      logged_at_.clear();
    logged_at_[why] = now;
    last_ = why;
    return true;
  }

  /// Forgets all reasons after a success. Returns whether a reason had been logged.
  bool clear() {
    const bool logged = !logged_at_.empty();
    logged_at_.clear();
    last_.clear();
    return logged;
  }

private:
  static constexpr std::chrono::seconds repeat_after{10};
  static constexpr std::size_t max_reasons = 16;

  std::string last_;
  std::map<std::string, clock::time_point> logged_at_;
};

} // namespace hubbub
