// A rate with a burst.
// Knows: time that it is told. Must not know: what is counted.
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub {

/// Allows `rate` a second in the long run, and `burst` in one go: twice the rate unless said
/// otherwise, and at least one. Rate 0 allows everything.
class token_bucket {
public:
  using clock = std::chrono::steady_clock;

  token_bucket() = default;
  token_bucket(double rate, clock::time_point now) : token_bucket(rate, 2 * rate, now) {}
  token_bucket(double rate, double burst, clock::time_point now)
      : rate_(rate), burst_(std::max(1., burst)), tokens_(burst_), at_(now) {}

  bool take(clock::time_point now, double amount = 1) {
    if (rate_ == 0)
      return true;
    full(now);
    if (tokens_ < amount)
      return false;
    tokens_ -= amount;
    return true;
  }

  /// Nothing of what it gave is missing any more.
  bool full(clock::time_point now) {
    tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - at_).count());
    at_ = now;
    return tokens_ >= burst_;
  }

private:
  double rate_ = 0, burst_ = 0, tokens_ = 0;
  clock::time_point at_{};
};

} // namespace hubbub
