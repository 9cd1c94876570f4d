// The port to the sockets: what actors may ask of the sessions of one I/O thread.
// Knows: finished bytes and their recipients. Must not know: sockets, or the meaning of the bytes.
#pragma once

#include "storage/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// Bytes that are built once and sent to many sessions.
using shared_bytes = std::shared_ptr<const std::string>;

inline shared_bytes make_shared_bytes(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

/// The number of a room while it has members. A number is never used again.
using room_ref = std::uint64_t;

/// The number of a session. A number is never used again, and a sink ignores the numbers of closed
/// sessions.
using session_ref = std::uint64_t;

/// The number of a subscription within its session: 1 for the first, then 2, 3… A sink ignores the
/// numbers of subscriptions that have ended.
using subscription_ref = std::uint32_t;
inline constexpr subscription_ref first_subscription = 1;

/// How the frames of messages are encoded for a session. An event of an event stream counts as a
/// frame.
enum class encoding : std::uint8_t {
  plain,    ///< WebSocket text frames (RFC 6455).
  deflated, ///< The same, each message compressed on its own (RFC 7692).
  events,   ///< Server-sent events, each message with its id: for a session with one room.
  /// The same without ids: a message does not tell up to which id the other rooms of its session
  /// are complete, so the session writes ids itself.
  events_of_rooms,
};
inline constexpr std::size_t encodings = 4;

/// Whether sessions of the encoding are sent server-sent events.
constexpr bool is_event_stream(encoding how) {
  return how == encoding::events || how == encoding::events_of_rooms;
}

/// Frames that a session handed over, in number and bytes.
struct frame_volume {
  std::uint32_t frames = 0;
  std::size_t bytes = 0;

  void operator+=(const frame_volume& more) { frames += more.frames, bytes += more.bytes; }
  void operator-=(const frame_volume& less) { frames -= less.frames, bytes -= less.bytes; }
  bool within(const frame_volume& most) const { return frames < most.frames && bytes < most.bytes; }
};

/// The most frames of one session that may be with the actors. While the log is unavailable, it
/// also bounds the frames of one connection in the backlog, and the session hands over up to twice
/// as many, so that its client is told `busy`. The last frame may exceed the limit.
inline constexpr frame_volume window{1024, 256 * 1024};

/// Whole frames of one room, the oldest first.
struct chunk {
  shared_bytes bytes;
  row_id first = 0, last = 0;
  std::uint32_t messages = 0;                        ///< The number of frames that are messages.
  std::chrono::steady_clock::time_point published{}; ///< When the chunk was handed to the sinks.
};

/// Its last copy is destroyed when every sink has handled the batch. That returns the bytes to the
/// ingress budget (basic_ingress_budget::credit), or counts a page of rows as no longer in flight.
using batch_credit = std::shared_ptr<const void>;

/// What a subscription gets from the log in answer to its cursor.
struct delivery {
  std::vector<shared_bytes> bytes; ///< To be written in this order, before anything else.
  row_id cursor = 0;               ///< When the bytes are written, the client has everything up to
                                   ///< this row.
  bool live = false; ///< Nothing is left to catch up on: from here on the subscription is in the
                     ///< room's live fan-out. Otherwise the session sends a `delivery_request` when
                     ///< its queue is empty and the turn of the subscription has come.
  std::uint32_t messages = 0;      ///< In the bytes, without those inside `init` or `subscribed`.
  std::vector<row_id> begins = {}; ///< One cursor for each of the last `begins.size()` buffers of
                                   ///< `bytes`: after this cursor the log has the frames of that
                                   ///< buffer. So the buffer may be dropped and read again.
  row_id known_fork = 0; ///< When the bytes are written, the client knows of all forks of the log
                         ///< whose `first` is at most this. The session says it when it asks again.
  shared_bytes id_head = {}; ///< What precedes the number in an id of the log. Null unless the
                             ///< session writes ids itself; see encoding.
};

/// The sessions of one I/O thread.
///
/// Threads: all calls may come from any thread and never block. Calls that one thread makes take
/// effect in their order. So a delivery that goes live misses nothing that is published after it,
/// and gets nothing that was published before it.
/// Lifetime: the sinks outlive the actor system. main makes the I/O threads before the hub and
/// destroys them after it, so actors keep raw pointers to sinks. Calls may still come after the I/O
/// thread has stopped.
class session_sink {
public:
  virtual ~session_sink() = default;

  /// Sends the frames to the sessions of this encoding that are live in the room. The sink keeps
  /// `credit` until it has handed the frames to all of them.
  virtual void publish(room_ref room, encoding how, const chunk& batch,
                       const batch_credit& credit) = 0;

  /// Answers an `attach`.
  virtual void deliver(session_ref to, subscription_ref of, room_ref room, delivery what) = 0;

  /// Sends frames (may be empty) to one session, settles `settled` of the frames that the session
  /// handed over, and reports how many of those were refused because of the client's own fault.
  virtual void reply(session_ref to, std::string bytes, frame_volume settled,
                     std::uint32_t refused) = 0;

  /// Sends frames to one session that are about one of its subscriptions, if that is live.
  virtual void notify(session_ref to, subscription_ref of, std::string bytes) = 0;

  /// Adds a subscription to a session, which sends a `delivery_request` for it when its outbox has
  /// room. Settles `settled` as `reply` does.
  virtual void subscribe(session_ref to, subscription_ref of, frame_volume settled) = 0;

  /// Ends a subscription of a session, and then sends the frames: nothing that was published in the
  /// room comes after them. If the session waits for its first delivery, they come behind it. The
  /// session answers with `subscription_ended`. Settles `settled` as `reply` does.
  virtual void unsubscribe(session_ref to, subscription_ref of, std::string bytes,
                           frame_volume settled) = 0;

  /// Closes every session of the I/O thread, after everything that was published before, with this
  /// close code and the reason `retry_after_ms=N`. N is `first` for the first session and grows by
  /// `step` with each.
  virtual void close_all(std::uint16_t code, std::size_t first, std::size_t step) = 0;
};

/// The milliseconds between the returns of two clients when all clients are sent away.
inline constexpr std::size_t return_every = 1;

/// Closes every session of all `sinks`, a range of pointers to session sinks, and tells each client
/// when to come back: the first after `first_return` milliseconds, the others `return_every` after
/// one another. The close code is 1012, Service Restart, in IANA's registry for RFC 6455.
template<class Sinks>
void send_away_for_restart(const Sinks& sinks, std::size_t first_return) {
  for (std::size_t turn = 0; const auto& sink : sinks)
    sink->close_all(1012, first_return + turn++ * return_every, sinks.size() * return_every);
}

} // namespace hubbub
