// A session as the live fan-out sees it.
// Knows: the calls that the fan-out makes. Must not know: sockets, what the fan-out does.
#pragma once

#include "net/websocket/subscription.hpp"

namespace hubbub {

/// Threads: all calls on the I/O thread of the session.
/// Lifetime: a member calls session_fanout::forget before it ends.
class fanout_member {
public:
  /// Queues the rest of a chunk of which the peer took `written` bytes. `shown` is the id of the
  /// row before the chunk.
  virtual void send_rest(subscription& of, const chunk& what, std::size_t written,
                         row_id shown) = 0;

  /// Queues more live frames, to be written by `flush`; `shown` is the id of the row before them.
  /// If they do not fit, the session leaves the live fan-out, and reads from its cursors when its
  /// queue is empty. Returns whether the frames are queued and the peer takes bytes, as far as is
  /// known.
  virtual bool offer(subscription& of, const chunk& what, row_id shown) = 0;

  /// Writes what is queued, as far as the peer takes it. Is called at the end of the round.
  virtual void flush() = 0;

  /// The descriptor to which the fan-out may write directly while the session's queue is empty.
  /// Negative: none, as under TLS.
  virtual int fd() const = 0;

  bool to_be_flushed = false; ///< At the end of the round. Written by session_fanout only.

protected:
  ~fanout_member() = default;
};

} // namespace hubbub
