// A session as its lane sees it.
// Knows: the calls that a lane makes to a session. Must not know: WebSocket, what a lane does.
#pragma once

#include "net/websocket/session_info.hpp"

#include <boost/system/error_code.hpp>

namespace hubbub {

/// Threads: all calls on the lane's thread.
/// Lifetime: the lane keeps a session from `lane::add` to `lane::remove`; a session removes itself
/// in `end`.
class session_interface {
public:
  virtual ~session_interface() = default;

  /// Returns an owner, which keeps the session alive during a call that may end it.
  virtual std::shared_ptr<session_interface> self() = 0;

  virtual void deliver(room_ref room, delivery what) = 0;
  virtual void reply(std::string bytes, frame_volume settled, std::uint32_t refused) = 0;

  /// Queues the rest of a chunk of which the socket took `written` bytes. `shown` is the id of the
  /// row before the chunk.
  virtual void send_rest(const chunk& what, std::size_t written, row_id shown) = 0;

  /// Queues more live frames; `shown` is the id of the row before them. If they do not fit, the
  /// session leaves the live fan-out, and reads from its cursor when its queue is empty. Returns
  /// whether these frames and all before them are written.
  virtual bool offer(const chunk& what, row_id shown) = 0;

  /// Called when memory is short. A session with much in its queue leaves the live fan-out, as
  /// after an `offer` that did not fit.
  virtual void shed() = 0;

  virtual void resume_reading() = 0;

  /// Ends the session without a close frame. Also called after the lane's thread has ended.
  virtual void end(boost::system::error_code why = {}) = 0;

  /// Writes the answer to the upgrade, which was held back so that `init` leaves with it.
  virtual void release_output() = 0;
  virtual void close(std::uint16_t code, const std::string& reason) = 0;

  virtual std::chrono::steady_clock::time_point last_received() const = 0;

  /// Pings a silent peer, or ends the session when the peer has been silent for too long.
  virtual void check_silence() = 0;

  virtual const uuid& id() const = 0;
  virtual reader_lag lag() const = 0;

  /// `info().sent` excludes what the room has sent since `lane::join_room`; the lane adds it.
  virtual session_info info() const = 0;

  /// The descriptor that the lane may write to directly while the write queue is empty. Negative:
  /// none, as under TLS.
  virtual int fd() const = 0;

  /// The session's position in the live fan-out. Written by the lane only.
  struct {
    room_ref room = 0; ///< 0: in no room.
    std::size_t index = 0;
    std::uint64_t room_sent_at_join = 0; ///< `sent` of the lane's room when the session joined.
  } room_slot;
  /// The messages that were sent to the session, except those of the room since `lane::join_room`.
  std::uint64_t sent_before_join = 0;
};

} // namespace hubbub
