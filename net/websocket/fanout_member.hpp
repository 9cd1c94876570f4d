// A session as the live fan-out sees it.
// Knows: the calls that the fan-out makes. Must not know: sockets, what the fan-out does.
#pragma once

#include "net/websocket/subscription.hpp"

namespace hubbub {

/// Threads: all calls on the I/O thread of the session.
class fanout_member {
public:
  /// Queues the rest of a chunk of which the peer took `written` bytes. `shown` is the id of the
  /// row before the chunk.
  virtual void send_rest(subscription& of, const chunk& what, std::size_t written,
                         row_id shown) = 0;

  /// Queues more live frames; `shown` is the id of the row before them. If they do not fit, the
  /// session leaves the live fan-out, and reads from its cursor when its queue is empty. Returns
  /// whether these frames and all before them are written.
  virtual bool offer(subscription& of, const chunk& what, row_id shown) = 0;

  /// The descriptor to which the fan-out may write directly while the session's queue is empty.
  /// Negative: none, as under TLS.
  virtual int fd() const = 0;

protected:
  ~fanout_member() = default;
};

} // namespace hubbub
