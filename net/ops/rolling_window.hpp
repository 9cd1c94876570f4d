// What came to the figures of late.
// Knows: ten seconds. Must not know: what the figures mean.
#pragma once

#include "actors/hub_counters.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <mutex>

namespace hubbub {

/// Looks at the figures once a second, which takes some microseconds.
class rolling_window {
public:
  using clock = std::chrono::steady_clock;

  struct window {
    counter_values increase;
    double seconds = 0;
  };

  /// Looks on a thread of this context. To be made before that runs.
  rolling_window(const hub_counters& counters, boost::asio::io_context& where);

  /// From a look up to ten seconds ago until now. Any thread.
  window window_until(const counter_values& now) const;

private:
  struct sample {
    clock::time_point when;
    counter_values values;
  };

  void take_sample();

  const hub_counters& counters_;
  boost::asio::steady_timer timer_;
  mutable std::mutex mutex_;
  std::deque<sample> samples_; ///< Guarded by the mutex, the oldest first.
};

} // namespace hubbub
