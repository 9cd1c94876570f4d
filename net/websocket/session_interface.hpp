// A session as its I/O thread sees it.
// Knows: the calls that an I/O thread makes to a session. Must not know: WebSocket, HTTP, what
// an I/O thread does.
#pragma once

#include "net/websocket/session_info.hpp"

#include <boost/system/error_code.hpp>

namespace hubbub {

/// Threads: all calls on the I/O thread.
/// Lifetime: session_registry keeps a session until it removes itself, in `end`.
class session_interface {
public:
  virtual ~session_interface() = default;

  /// Returns an owner, which keeps the session alive during a call that may end it.
  virtual std::shared_ptr<session_interface> self() = 0;

  virtual void deliver(subscription_ref of, room_ref room, delivery what) = 0;
  virtual void notify(subscription_ref of, std::string bytes) = 0;
  virtual void subscribe(subscription_ref of, frame_volume settled) = 0;
  virtual void unsubscribe(subscription_ref of, std::string bytes, frame_volume settled) = 0;
  virtual void reply(std::string bytes, frame_volume settled, std::uint32_t refused) = 0;

  /// Called when memory is short. A session with much in its queue leaves the live fan-out, as
  /// after frames that did not fit.
  virtual void shed() = 0;

  /// Called once a second while the session is slow. If some subscriptions are behind, the live
  /// ones leave the live fan-out: else a loud room could keep the queue from becoming empty, and so
  /// the others from their turns.
  virtual void take_turns() = 0;

  virtual void resume_reading() = 0;

  /// Ends the session without a close frame or event. Also called after the I/O thread has ended.
  virtual void end(boost::system::error_code why = {}) = 0;

  /// Writes the answer to the request, which was held back so that `init` leaves with it.
  virtual void release_output() = 0;
  virtual void close(std::uint16_t code, const std::string& reason) = 0;

  /// Closes, and tells the client when to come back.
  virtual void send_away(std::uint16_t code, std::size_t retry_after_ms) = 0;

  virtual std::chrono::steady_clock::time_point last_received() const = 0;

  /// Pings a silent peer, or ends the session when the peer has been silent for too long, or has
  /// taken nothing where it cannot answer.
  virtual void check_silence() = 0;

  virtual const uuid& id() const = 0;
  virtual reader_lag lag() const = 0;
  virtual session_info info() const = 0;
};

} // namespace hubbub
