// The live fan-out of one I/O thread: which subscriptions are live in which room.
// Knows: rooms, and the chunks of the present round. Must not know: sockets, actors, the meaning of
// frames.
#pragma once

#include "actors/hub_counters.hpp"
#include "actors/memory_budget.hpp"
#include "net/websocket/fanout_member.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// What the live fan-out sends as one: the frames of one room in one encoding.
struct channel {
  room_ref room = 0;
  encoding how{};
  bool operator==(const channel&) const = default;
};

/// A channel with live subscriptions.
struct live_room {
  struct member {
    int fd; ///< Negative where chunks wait for the session's flush; see `waiting_fd`.
    subscription_ref number;
    fanout_member* session;

    /// The value of `fd` that keeps a descriptor for `fd_if_alone`. No descriptor stays -1.
    static int waiting_fd(int fd) { return fd < 0 ? -1 : -2 - fd; }

    /// The descriptor to write to if no other room is sent to in the round, or a negative number.
    int fd_if_alone() const {
      return fd < -1 && !session->busy && session->waiting.empty() ? -2 - fd : fd;
    }
  };
  channel what;
  std::vector<member> members;
  row_id shown = 0;           ///< Every row of the room up to this one was sent.
  std::uint64_t sent = 0;     ///< Messages since the channel has members.
  std::vector<chunk> waiting; ///< Taken in this round and not sent yet.
  std::size_t waiting_bytes = 0;
};

/// Merges the chunks of each channel that arrive in one round, and writes them to each of its
/// subscriptions: once, unless they have more than `merge` bytes or a subscription joins between.
/// The chunks of all rooms of a session that is not written to directly wait in one list, and the
/// session is flushed at the end of the round. So it is written to once in a round, whatever the
/// number of its rooms. If a round has one room only, all its sessions with an empty queue are
/// written to directly.
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

  /// Takes a chunk that was published, to be sent at the end of the round. A channel without live
  /// subscriptions drops it.
  void publish(channel to, chunk what);

  /// Every row of the log up to `head` was given to `publish`, if its room is here.
  void set_head(row_id head) { head_ = head; }

  /// The log may have been replaced by one whose rows go up to `head`.
  void lower_head(row_id head) {
    if (head < head_)
      head_ = published_ = head;
  }

  /// Returns the row up to which a live subscription was sent everything of its room.
  row_id sent_up_to(const subscription& s) const {
    return s.room->waiting.empty() ? std::max(s.room->shown, head_) : s.room->shown;
  }

  /// Returns the row up to which every room was sent, or nothing while some of it waits or before
  /// the first head is known.
  std::optional<row_id> complete_to() const {
    return unsent_.empty() && head_ > 0 ? std::optional(head_) : std::nullopt;
  }

  /// Returns whether something was published that is newer than the head, which follows soon.
  bool is_ahead_of_head() const { return published_ > head_; }

  /// The member has something in its queue or its list, and is flushed at the end of the round.
  void flush_later(fanout_member& member);

  /// The member is not flushed any more.
  void forget(fanout_member& member);

  /// Calls `use(chunk, subscription)` for each chunk that waits for the member, in order, as long
  /// as it returns true.
  template<class Use>
  void for_each_waiting(const fanout_member& member, Use use) const {
    round_.for_each(member.waiting, std::move(use));
  }

  /// No chunks wait for the member any more: it has written or queued them.
  static void clear_waiting(fanout_member& member) { member.waiting = {}; }

  /// Sends what waits in all channels, and flushes. To be called at the end of the round.
  void send_all();

  /// Makes a subscription live. What the channel has waiting is sent before, because the chunks
  /// that were published before must not reach the subscription.
  void join(channel where, subscription& s);

  /// Does nothing if the subscription is not live.
  void leave(subscription& s);

  /// Whether frames are written directly to the descriptor of the session. Must be false while the
  /// session's queue is not empty, or chunks wait for it. False after `join`.
  static void set_direct(subscription& s, bool direct);

  /// Returns how many messages a live subscription was sent since it has joined.
  static std::uint64_t sent_since_join(const subscription& s) {
    return s.room ? s.room->sent - s.room_sent_at_join : 0;
  }

  /// Erases the channels without live subscriptions. To be called when nothing is being sent.
  void erase_empty_rooms();

private:
  /// Chunks that were offered in this round, to members whose peers take bytes.
  struct offered_chunk {
    clock::time_point published;
    std::uint64_t deliveries; ///< Messages times members.
  };

  /// If the lists have this many places when the next room is to be sent at the end of the round,
  /// the members are flushed before.
  static constexpr std::size_t most_waiting = 262'144;

  void send_room(const channel& to, bool alone);
  bool offer(const live_room::member& to, const chunk& what, row_id shown, bool& kept);
  void flush_all();
  void send(live_room& to, bool alone = false);

  // Constant after construction.
  const std::size_t merge_;
  const direct_write write_;
  const std::shared_ptr<memory_budget> memory_;
  const std::shared_ptr<hub_counters> counters_;

  struct channel_hash {
    std::size_t operator()(const channel& c) const {
      return c.room * encodings + std::size_t(c.how);
    }
  };
  std::unordered_map<channel, live_room, channel_hash> rooms_; ///< References stay valid.
  std::vector<channel> unsent_;                                ///< Channels with waiting chunks.
  round_queue round_;
  std::vector<offered_chunk> offered_;
  std::vector<fanout_member*> to_flush_; ///< Null: forgotten.
  std::vector<channel> empty_rooms_;     ///< To be erased, if they are still empty.
  row_id head_ = 0;                      ///< As `set_head` said.
  row_id published_ = 0;                 ///< The greatest row that was published.
};

} // namespace hubbub
