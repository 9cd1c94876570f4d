// What came to the figures of late.
// Knows: ten seconds. Must not know: what the figures mean.
#pragma once

#include "actors/figures.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <mutex>

namespace hubbub {

/// Looks at the figures once a second, which takes some microseconds.
class recent {
public:
  using clock = std::chrono::steady_clock;

  struct window {
    tally came;
    double seconds = 0;
  };

  /// Looks on a thread of this context. To be made before that runs.
  recent(const figures& of, boost::asio::io_context& where);

  /// From a look up to ten seconds ago until now. Any thread.
  window until(const tally& now) const;

private:
  struct look {
    clock::time_point when;
    tally seen;
  };

  void take();

  const figures& of_;
  boost::asio::steady_timer timer_;
  mutable std::mutex mutex_;
  std::deque<look> looks_; ///< Guarded by the mutex, the oldest first.
};

} // namespace hubbub
