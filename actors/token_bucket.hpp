// A token bucket: a limit on a rate that allows a burst.
// Knows: the time that its caller passes. Must not know: what is counted.
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub {

/// Allows `rate` tokens per second in the long run, and `burst` tokens at once. The burst is twice
/// the rate unless it is given, and at least 1. Rate 0 allows everything.
/// Threads: may be used by one thread at a time.
class token_bucket {
public:
  using clock = std::chrono::steady_clock;

  token_bucket() = default;
  token_bucket(double rate, clock::time_point now) : token_bucket(rate, 2 * rate, now) {}
  token_bucket(double rate, double burst, clock::time_point now)
      : rate_(rate), burst_(std::max(1., burst)), tokens_(burst_), at_(now) {}

  /// Takes `amount` tokens. Returns false, and takes none, if there are fewer.
  bool take(clock::time_point now, double amount = 1) {
    if (rate_ == 0)
      return true;
    full(now);
    if (tokens_ < amount)
      return false;
    tokens_ -= amount;
    return true;
  }

  /// Takes `amount` tokens and returns 0, or takes none and returns the seconds until the same call
  /// takes them. A bucket that is half full gives any amount, and may be in debt afterwards:
  /// otherwise a large amount would never be given beside small ones.
  double take_or_wait(clock::time_point now, double amount) {
    const auto out = wait_for(now, amount);
    if (out == 0)
      charge(now, amount);
    return out;
  }

  /// Returns what take_or_wait would return, and takes nothing.
  double wait_for(clock::time_point now, double amount) {
    if (rate_ == 0)
      return 0;
    full(now);
    return std::max(0., std::min(amount, std::max(1., burst_ / 2)) - tokens_) / rate_;
  }

  /// Takes `amount` tokens even if there are fewer. The bucket may be in debt afterwards.
  void charge(clock::time_point now, double amount) {
    if (rate_ == 0)
      return;
    full(now);
    tokens_ -= amount;
  }

  /// Refills the bucket up to `now`. Returns whether it is full, and so equal to a new bucket.
  bool full(clock::time_point now) {
    tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - at_).count());
    at_ = now;
    return tokens_ >= burst_;
  }

private:
  double rate_ = 0, burst_ = 0, tokens_ = 0; ///< `tokens_` is under 0 in debt.
  clock::time_point at_{};                   ///< When `tokens_` was last refilled.
};

} // namespace hubbub
