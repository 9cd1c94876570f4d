// A rate with a burst.
// Knows: time that it is told. Must not know: what is counted.
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub {

/// Allows `rate` a second in the long run and twice that in one go. Rate 0 allows everything.
class token_bucket {
public:
  using clock = std::chrono::steady_clock;

  token_bucket() = default;
  token_bucket(double rate, clock::time_point now) : rate_(rate), tokens_(2 * rate), at_(now) {}

  bool take(clock::time_point now) {
    if (rate_ == 0)
      return true;
    tokens_ =
        std::min(2 * rate_, tokens_ + rate_ * std::chrono::duration<double>(now - at_).count());
    at_ = now;
    if (tokens_ < 1)
      return false;
    tokens_ -= 1;
    return true;
  }

private:
  double rate_ = 0, tokens_ = 0;
  clock::time_point at_{};
};

} // namespace hubbub
