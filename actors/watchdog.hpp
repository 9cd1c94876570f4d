// Interrupts calls of the log that take too long.
// Knows: how long a call may take. Must not know: the purpose of the calls.
#pragma once

#include "actors/protocol.hpp"
#include "storage/thread_safety.hpp"

#include <chrono>
#include <list>

namespace hubbub {

/// The calls of logs that are in flight, over all threads.
/// Threads: all calls but `set_watchdog` may come from any thread. Lifetime: shared by the hub, the
/// watchdog and every log of with_deadlines. Invariant: while `calls_` is not empty, the watchdog
/// checks it once per second.
class inflight_calls {
public:
  using clock = std::chrono::steady_clock;

  /// While an object of this class lives, a call is in flight. The log outlives the entry.
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

  /// Sets the actor that is sent `check_calls` when a first call begins. To be called before the
  /// first call of a log.
  void set_watchdog(watchdog_actor watchdog) { watchdog_ = std::move(watchdog); }

  /// Interrupts the calls that have run for longer than `most`. Returns false if there are no
  /// calls, and then the next call starts the watchdog again.
  bool check(clock::duration most);

private:
  watchdog_actor watchdog_; ///< Constant after `set_watchdog`.

  annotated_mutex mutex_;
  std::list<entry::call> calls_ HUBBUB_GUARDED_BY(mutex_);
  bool watchdog_runs_ HUBBUB_GUARDED_BY(mutex_) = false; ///< The watchdog will check again.
};

/// Checks the calls once per second while there are any.
watchdog_actor::behavior_type watchdog(watchdog_actor::pointer self,
                                       const std::shared_ptr<inflight_calls>& calls);

/// Returns a log whose calls fail when the database has not answered for five seconds. Without it a
/// call would wait without end where the network drops packets silently. `open` has no deadline,
/// because it may have to rewrite tables.
std::unique_ptr<log> with_deadlines(std::unique_ptr<log> real,
                                    std::shared_ptr<inflight_calls> calls);

} // namespace hubbub
