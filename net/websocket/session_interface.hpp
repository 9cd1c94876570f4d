// A session as its lane sees it.
// Knows: what a lane tells a session, and asks it. Must not know: WebSocket, what a lane does.
#pragma once

#include "net/websocket/session_info.hpp"

#include <boost/system/error_code.hpp>

namespace hubbub {

/// All on the lane's thread.
class session_interface {
public:
  virtual ~session_interface() = default;

  /// Keeps the session while it is at work: it may end in the midst of a call.
  virtual std::shared_ptr<session_interface> self() = 0;

  virtual void deliver(room_ref room, delivery what) = 0;
  virtual void reply(std::string bytes, frame_volume settled, std::uint32_t refused) = 0;

  /// Queues the rest of a chunk of which the socket took `sent` bytes. `shown` is the id of the row
  /// before the chunk.
  virtual void send_rest(const chunk& what, std::size_t sent, row_id shown) = 0;

  /// More live frames that go through the queue; `shown` is the row before them. If they do not
  /// fit, the session leaves the fan-out and comes back from its cursor when its queue is empty.
  /// True: they are written, and all before them.
  virtual bool offer(const chunk& what, row_id shown) = 0;

  /// Memory is short: if much waits for it, it comes back for it as if it had not fitted.
  virtual void shed() = 0;

  virtual void resume_reading() = 0;

  /// Over and done, without a word to the peer. Also when the lane's thread is no more.
  virtual void end(boost::system::error_code why = {}) = 0;

  /// The answer to the upgrade has waited long enough for `init`.
  virtual void release_output() = 0;
  virtual void close(std::uint16_t code, const std::string& reason) = 0;

  virtual std::chrono::steady_clock::time_point last_received() const = 0;
  virtual void check_silence() = 0;

  virtual const uuid& id() const = 0;
  virtual reader_lag lag() const = 0;

  /// But for what was sent to its room since it was seated.
  virtual session_info info() const = 0;

  /// Where the lane may write past the pipe while that is empty; negative: nowhere.
  virtual int fd() const = 0;

  /// Where the lane has seated it; the lane's to write.
  struct {
    room_ref room = 0;
    std::size_t index = 0;
    std::uint64_t sent = 0; ///< To the room, before.
  } room_slot;
  std::uint64_t sent = 0; ///< Messages, but for those since it was seated.
};

} // namespace hubbub
