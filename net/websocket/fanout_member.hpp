// A session as the live fan-out sees it.
// Knows: the calls that the fan-out makes. Must not know: sockets, what the fan-out does.
#pragma once

#include "net/websocket/round_queue.hpp"
#include "net/websocket/subscription.hpp"

namespace hubbub {

/// Threads: all calls on the I/O thread of the session.
/// Lifetime: a member calls session_fanout::forget before it ends.
class fanout_member {
public:
  /// What a session takes until it is flushed.
  struct capacity {
    std::uint32_t bytes = 0;
    bool peer_takes_bytes = false; ///< As far as is known.
  };

  /// Queues the rest of a chunk of which the peer took `written` bytes. `shown` is the id of the
  /// row before the chunk.
  virtual void send_rest(subscription_ref of, const chunk& what, std::size_t written,
                         row_id shown) = 0;

  /// Is asked before a chunk is added to an empty list.
  virtual capacity begin_round() = 0;

  /// Queues a chunk that exceeds the capacity, behind the list. If the chunk does not fit, the
  /// session leaves the live fan-out, and reads from its cursors when its queue is empty. Returns
  /// whether the chunk is queued and the peer takes bytes.
  virtual bool exceed(subscription_ref of, const chunk& what, row_id shown) = 0;

  /// Writes what is queued, and then the list, as far as the peer takes it. Is called at the end of
  /// the round, and takes the list (session_fanout::for_each_waiting, clear_waiting).
  virtual void flush() = 0;

  /// The descriptor to which the fan-out may write directly while the session's queue is empty.
  /// Negative: none, as under TLS.
  virtual int fd() const = 0;

  /// The subscription with that number, which is live.
  virtual subscription& live_subscription(subscription_ref number) = 0;

  /// The session's queue is not empty, so nothing may be written directly.
  bool busy = false;

  // Written by session_fanout only.
  round_queue::list waiting;     ///< The chunks that wait for the end of the round.
  std::uint32_t bytes_left = 0;  ///< Of the capacity that `begin_round` returned.
  bool peer_takes_bytes = false; ///< As `begin_round` said.
  bool to_be_flushed = false;    ///< At the end of the round.

protected:
  ~fanout_member() = default;
};

} // namespace hubbub
