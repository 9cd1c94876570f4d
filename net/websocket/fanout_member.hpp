// A session as the live fan-out sees it.
// Knows: the calls that the fan-out makes. Must not know: sockets, what the fan-out does.
#pragma once

#include "net/websocket/subscription.hpp"

#include <boost/intrusive/list_hook.hpp>

namespace hubbub {

/// Threads: all calls on the I/O thread of the session.
/// Lifetime: the destructor removes the member from the list of those that are flushed.
class fanout_member : public boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
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

protected:
  ~fanout_member() = default;
};

} // namespace hubbub
