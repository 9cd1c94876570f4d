// The increase of the hub's counters over the last ten seconds.
// Knows: samples and their times. Must not know: what the counters mean.
#pragma once

#include "actors/hub_counters.hpp"
#include "storage/thread_safety.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>

namespace hubbub {

/// Samples the counters once a second, which takes some microseconds, and keeps eleven samples.
///
/// Threads: all calls may come from any thread; samples are taken on the context's thread.
/// Lifetime: the counters and the context live longer; the context does not run any more when this
/// object is destroyed. Invariant: there is at least one sample.
class rolling_window {
public:
  using clock = std::chrono::steady_clock;

  struct window {
    counter_values increase;
    double seconds = 0;
  };

  /// Must be called before the context runs.
  rolling_window(const hub_counters& counters, boost::asio::io_context& where);

  /// Returns the increase from the oldest sample, up to ten seconds ago, to `now`.
  window window_until(const counter_values& now) const;

private:
  struct sample {
    clock::time_point when;
    counter_values values;
  };

  void take_sample();

  const hub_counters& counters_;
  boost::asio::steady_timer timer_; ///< Used only on the context's thread.

  mutable annotated_mutex mutex_;
  std::deque<sample> samples_ HUBBUB_GUARDED_BY(mutex_); ///< The oldest first.
};

} // namespace hubbub
