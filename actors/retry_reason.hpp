// Why something is tried again and again, told once.
// Knows: what was told lately. Must not know: what is tried, where it is told.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace hubbub {

/// The reason of one loop. Not to be shared by threads.
class retry_reason {
public:
  using clock = std::chrono::steady_clock;

  /// Whether this is to be told: the first time, and when the reason changes. Reasons that take
  /// turns are told every ten seconds.
  bool is_new(const std::string& why, clock::time_point now = clock::now()) {
    if (why == last_)
      return false;
    if (const auto told = logged_at_.find(why);
        told != logged_at_.end() && now - told->second < repeat_after)
      return false;
    if (logged_at_.size() >= max_reasons)
      logged_at_.clear();
    logged_at_[why] = now;
    last_ = why;
    return true;
  }

  /// It went well. Whether something was told that is over now.
  bool clear() {
    const bool told = !logged_at_.empty();
    logged_at_.clear();
    last_.clear();
    return told;
  }

private:
  static constexpr std::chrono::seconds repeat_after{10};
  static constexpr std::size_t max_reasons = 16;

  std::string last_;
  std::map<std::string, clock::time_point> logged_at_;
};

} // namespace hubbub
