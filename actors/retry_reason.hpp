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
    if (const auto told = told_.find(why); told != told_.end() && now - told->second < turns_after)
      return false;
    if (told_.size() >= most_told)
      told_.clear();
    told_[why] = now;
    last_ = why;
    return true;
  }

  /// It went well. Whether something was told that is over now.
  bool over() {
    const bool told = !told_.empty();
    told_.clear();
    last_.clear();
    return told;
  }

private:
  static constexpr std::chrono::seconds turns_after{10};
  static constexpr std::size_t most_told = 16;

  std::string last_;
  std::map<std::string, clock::time_point> told_;
};

} // namespace hubbub
