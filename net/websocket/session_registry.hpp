// The sessions of one I/O thread: by reference, by age, and those that wait for something.
// Knows: which sessions wait, are slow, or are silent. Must not know: rooms, what is sent.
#pragma once

#include "net/websocket/session_index.hpp"
#include "net/websocket/session_interface.hpp"

#include <chrono>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hubbub {

/// Threads: all calls on the I/O thread.
/// Lifetime: keeps each session from `add` to `remove`.
class session_registry {
public:
  using clock = std::chrono::steady_clock;
  using session_ptr = std::shared_ptr<session_interface>;

  /// `ref` is greater than every reference before.
  void add(session_ref ref, session_ptr s);
  void remove(session_ref ref);

  /// Returns null if the session has ended.
  session_interface* find(session_ref ref) const;

  /// Returns owners, so that a session may end while the caller goes through all.
  std::vector<session_ptr> all() const;

  /// Ends all sessions. Called after the I/O thread has ended: handlers that wait in the io_context
  /// keep their sessions.
  void end_all();

  /// `resume_reading` of the session is called by the next `resume_waiting`.
  void wait_for_budget(session_ref ref) { waiting_for_budget_.insert(ref); }
  void resume_waiting();

  /// `release_output` of the session is called after the next but one `tick`.
  void release_output_soon(session_ref ref) { holding_.push_back(ref); }

  /// Must be called when a session becomes slow, because its socket is full, or has caught up.
  void set_slow(session_interface& s, bool slow);

  /// Calls `shed` of the slow sessions.
  void shed_slow();

  /// Calls `take_turns` of the sessions that have been slow for a second.
  void give_turns();

  /// Returns the sessions that have been slow for a second. The cost depends on the number of slow
  /// sessions.
  slow_readers find_slow() const;

  /// Returns at most `limit` sessions with references below `before`, newest first.
  std::vector<session_info> newest(session_ref before, std::size_t limit);

  /// Pings the sessions that were silent for `ping_after`, and ends dead ones. Visits all sessions.
  void check_silence(clock::duration ping_after);

  /// Must be called once a second.
  void tick();

  clock::time_point now() const { return now_; } ///< The time of the last tick.

private:
  std::unordered_map<session_ref, session_ptr> sessions_;
  session_index<session_interface> index_; ///< The same sessions.
  std::unordered_set<session_ref> waiting_for_budget_;
  /// The sessions that hold back their answer: added since the last tick; added before it.
  std::vector<session_ref> holding_, holding_longer_;
  /// When each slow session became slow. A session removes itself before it ends.
  std::unordered_map<session_interface*, clock::time_point> slow_;
  clock::time_point now_ = clock::now();
};

} // namespace hubbub
