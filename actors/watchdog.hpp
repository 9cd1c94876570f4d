// Calls of the log that take too long, ended.
// Knows: how long is too long. Must not know: what the calls are for.
#pragma once

#include "actors/protocol.hpp"

#include <chrono>
#include <list>
#include <mutex>

namespace hubbub {

/// The calls that are under way, over all threads.
class inflight_calls {
public:
  using clock = std::chrono::steady_clock;

  /// While it lives, a call is under way.
  class entry {
  public:
    entry(inflight_calls& all, log& callee);
    ~entry();
    entry(const entry&) = delete;

  private:
    struct call {
      log* callee;
      clock::time_point since;
    };
    friend inflight_calls;
    inflight_calls& all_;
    std::list<call>::iterator at_;
  };

  /// Who is sent `retry` when there is something to watch. To be told before the first call.
  void set_watchdog(watchdog_actor watchdog) { watchdog_ = std::move(watchdog); }

  /// Interrupts those that have run for longer than `most`. False: there are none, watch no more.
  bool check(clock::duration most);

private:
  watchdog_actor watchdog_;
  std::mutex mutex_;
  std::list<entry::call> calls_; ///< Guarded by the mutex, as is watchdog_runs_.
  bool watchdog_runs_ = false;
};

/// Looks once a second while there is something to watch.
watchdog_actor::behavior_type watchdog(watchdog_actor::pointer self,
                                       const std::shared_ptr<inflight_calls>& calls);

/// A log whose calls, but `open` which may have tables to rewrite, fail when the database has not
/// answered for five seconds. A connection through a network that swallows everything would else be
/// waited for until the end of days.
std::unique_ptr<log> with_deadlines(std::unique_ptr<log> real,
                                    std::shared_ptr<inflight_calls> calls);

} // namespace hubbub
