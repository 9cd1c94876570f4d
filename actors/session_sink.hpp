// The port towards the sockets: what actors may ask of the sessions of one io thread.
// Knows: finished bytes and who gets them. Must not know: sockets, or what the bytes mean.
#pragma once

#include "storage/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// Bytes that are written once and sent to many.
using shared_bytes = std::shared_ptr<const std::string>;

inline shared_bytes make_shared_bytes(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

/// A room while it has members; never used twice.
using room_ref = std::uint64_t;

/// A session within its sink; never used twice. A sink ignores those that are gone.
using session_ref = std::uint64_t;

/// Frames that a session handed over, in number and bytes.
struct frame_volume {
  std::uint32_t frames = 0;
  std::size_t bytes = 0;

  void operator+=(const frame_volume& more) { frames += more.frames, bytes += more.bytes; }
  void operator-=(const frame_volume& less) { frames -= less.frames, bytes -= less.bytes; }
  bool within(const frame_volume& most) const { return frames < most.frames && bytes < most.bytes; }
};

/// What one session may have with the actors, and one connection in the backlog: so much, or one
/// frame more. A session hands over up to twice as much while the log is away, to hear `busy` for
/// it.
inline constexpr frame_volume window{1024, 256 * 1024};

/// Frames of one room, whole ones, oldest first.
struct chunk {
  shared_bytes bytes;
  row_id first = 0, last = 0;
  std::uint32_t messages = 0;                        ///< As many of its frames as are messages.
  std::chrono::steady_clock::time_point published{}; ///< Handed to the sinks.
};

/// Lives as long as something counted in the ingress budget has not been shown. See ingress_budget.
using ingress_credit = std::shared_ptr<const void>;

/// What a session gets from the log in answer to its cursor.
struct delivery {
  std::vector<shared_bytes> bytes; ///< Written as one, in this order.
  row_id cursor = 0;               ///< The last row that the bytes hold or pass.
  bool live = false; ///< All there is: from here on the session is in the room's live fan-out. Else
                     ///< it reports `delivery_written` when the bytes are written, and asks again.
  std::uint32_t messages = 0;      ///< In the bytes, but for those within an `init`.
  std::vector<row_id> begins = {}; ///< The cursor before each of the last so many of the bytes,
                                   ///< which are whole frames and can be had again from there.
};

/// One io thread. Calls never block, may come from any thread, and take effect in the order in
/// which one thread makes them: a delivery that goes live misses nothing of what is published after
/// it and sees nothing of what was published before.
class session_sink {
public:
  virtual ~session_sink() = default;

  /// Its sessions take what is published with each message compressed on its own (RFC 7692).
  virtual bool deflates() const { return false; }

  virtual void publish(room_ref room, const chunk& batch, const ingress_credit& credit) = 0;
  virtual void deliver(session_ref to, room_ref room, delivery what) = 0;

  /// Frames for one session alone (may be empty), what of that it handed over is dealt with, and
  /// how many of those frames its client should not have sent.
  virtual void reply(session_ref to, std::string bytes, frame_volume settled,
                     std::uint32_t refused) = 0;

  /// Behind all that was published: tells every session to go, by a close frame with this code and
  /// `retry_after_ms=N`, where N begins with `first` and grows by `step` from one to the next.
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
