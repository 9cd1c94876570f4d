// The subscriptions of one session: which are live, and in which order the others catch up.
// Knows: phases and cursors. Must not know: bytes, sockets, the names of rooms.
#pragma once

#include "net/websocket/byte_queue.hpp"
#include "net/websocket/session_fanout.hpp"
#include "storage/log.hpp"

#include <boost/container/small_vector.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>

namespace hubbub {

/// Threads: all calls on the I/O thread.
/// Lifetime: the fan-out outlives it; `leave_all` must be called before it is destroyed.
/// Invariant: exactly the queued subscriptions are in the list of those that wait.
class session_subscriptions {
public:
  /// `owner` is the session. Its encoding may be set until a subscription is live.
  session_subscriptions(fanout_member& owner, session_fanout& live)
      : owner_(owner), fanout_(live) {}
  session_subscriptions(const session_subscriptions&) = delete;

  void set_encoding(encoding how) { encoding_ = how; }
  encoding how() const { return encoding_; }

  /// `number` is greater than every number before. `requested`: its first delivery is with the
  /// actors already.
  void add(subscription_ref number, subscription::phase now);

  /// Returns null if there is no such subscription.
  subscription* find(subscription_ref number) const;

  /// Leaves the live fan-out, and destroys the subscription.
  void remove(subscription& s);

  std::size_t size() const { return all_.size(); }

  /// A delivery has come for a requested subscription. It becomes live in the room, or is queued
  /// behind all others.
  void delivered(subscription& s, room_ref room, const delivery& what);

  /// Returns the subscription whose delivery is to be requested next, and marks it as requested;
  /// null if none may be requested now. Subscriptions take turns, so that none waits for the
  /// history of another for longer than one delivery.
  ///
  /// `queued`: the bytes in the session's queue. A subscription that catches up is requested when
  /// the queue is empty, so that a slow reader holds one delivery at most. New subscriptions are
  /// requested while the queue has less than `outbox` bytes: up to four at once, as long as their
  /// deliveries are small.
  subscription* request_next(std::size_t queued, std::size_t outbox);

  /// All live subscriptions leave the live fan-out, and are queued with the cursor up to which each
  /// was sent everything.
  void fall_behind();

  /// Ends all subscriptions.
  void leave_all();

  /// Bytes of a subscription were withdrawn from the queue: it reads the log again after the cursor
  /// of the first. No subscription may be live then.
  void withdrawn(const byte_queue::withdrawn& what);

  /// Must be called when the queue becomes empty or not empty. Only a session with one subscription
  /// is always written to directly: the frames of several rooms leave in one write.
  void set_busy(bool busy);

  /// Returns whether a subscription that had a delivery is not live.
  bool behind() const { return behind_ > 0; }

  /// Returns whether every subscription is live.
  bool all_live() const { return behind_ == 0 && requested_new_ == 0 && waiting_.empty(); }

  /// Returns the least cursor of those that are behind, or `no_end` if there is none.
  row_id least_cursor() const;

  /// Returns how many messages the live subscriptions were sent since they have joined, and those
  /// that have left before.
  std::uint64_t sent() const;

private:
  using waiting_list =
      boost::intrusive::list<subscription, boost::intrusive::constant_time_size<false>>;

  void queue(subscription& s);
  void leave(subscription& s);

  fanout_member& owner_;
  session_fanout& fanout_;
  /// By number. Most sessions have one subscription.
  boost::container::small_vector<std::unique_ptr<subscription>, 1> all_;
  waiting_list waiting_;   ///< The queued ones, the next one first.
  std::uint64_t sent_ = 0; ///< By deliveries, and by the live fan-out before the last joins.
  std::uint16_t requested_new_ = 0, requested_behind_ = 0;
  std::uint16_t behind_ = 0;
  std::uint8_t most_requested_ = 1; ///< New subscriptions, at once.
  encoding encoding_{};
};

} // namespace hubbub
