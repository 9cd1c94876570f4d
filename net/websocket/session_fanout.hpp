// The live fan-out of one I/O thread: which subscriptions are live in which room.
// Knows: rooms, and the chunks of the present round. Must not know: sockets, actors, the meaning of
// frames.
#pragma once

#include "actors/hub_counters.hpp"
#include "actors/memory_budget.hpp"
#include "net/websocket/fanout_member.hpp"

#include <functional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// A room with live subscriptions.
struct live_room {
  struct member {
    int fd; ///< Negative while the session is busy, and where it has no descriptor.
    subscription* of;
  };
  room_ref number = 0;
  std::vector<member> members;
  row_id shown = 0;           ///< The last row that was sent to the room.
  std::uint64_t sent = 0;     ///< Messages since the room has members.
  std::vector<chunk> waiting; ///< Taken in this round and not sent yet.
  std::size_t waiting_bytes = 0;
};

/// Merges the chunks of each room that arrive in one round, and writes them to each subscription of
/// the room: once, unless the room has more than `merge` bytes or `send_room` is called between.
///
/// Threads: all calls on the I/O thread.
/// Lifetime: outlives the subscriptions that are live.
class session_fanout {
public:
  using clock = std::chrono::steady_clock;

  /// Writes to a descriptor without blocking. Returns the number of bytes that were written, or a
  /// negative number.
  using direct_write = std::ptrdiff_t (*)(int fd, const char* data, std::size_t size);

  /// `merge`: the bytes of one write, at most about this many; an eighth of it while memory is
  /// short.
  session_fanout(std::size_t merge, direct_write write, std::shared_ptr<memory_budget> memory,
                 std::shared_ptr<hub_counters> counters)
      : merge_(merge), write_(write), memory_(std::move(memory)), counters_(std::move(counters)) {}
  session_fanout(const session_fanout&) = delete;

  /// Takes a chunk that was published in a room, to be sent at the end of the round. A room without
  /// live subscriptions drops it.
  void publish(room_ref to, chunk what);

  /// Sends what the room has waiting. To be called before a subscription joins the room, because
  /// the chunks that were published before must not reach it.
  void send_room(room_ref to);

  /// Sends what waits in all rooms. To be called at the end of the round.
  void send_all();

  /// Makes a subscription live in a room.
  void join(room_ref room, subscription& s);

  /// Does nothing if the subscription is not live.
  void leave(subscription& s);

  /// Must be called when the queue of a session becomes empty or not empty. Frames are offered to a
  /// busy session, which queues them, and written directly to one that is not busy.
  static void set_busy(subscription& s, bool busy);

  /// Returns how many messages a live subscription was sent since it has joined.
  static std::uint64_t sent_since_join(const subscription& s) {
    return s.room ? s.room->sent - s.room_sent_at_join : 0;
  }

  /// Erases the rooms without live subscriptions. To be called when no room is being sent to.
  void erase_empty_rooms();

private:
  void send(live_room& to);

  // Constant after construction.
  const std::size_t merge_;
  const direct_write write_;
  const std::shared_ptr<memory_budget> memory_;
  const std::shared_ptr<hub_counters> counters_;

  std::unordered_map<room_ref, live_room> rooms_; ///< References to rooms stay valid.
  std::vector<room_ref> unsent_;                  ///< Rooms with waiting chunks.
  std::vector<room_ref> empty_rooms_;             ///< To be erased, if they are still empty.
};

} // namespace hubbub
