// The rooms of the hub: their members, their hot tails, and the encoding of each message.
// Knows: ids, cursors, members per sink. Must not know: where rows are stored, sockets.
#pragma once

#include "actors/deflater.hpp"
#include "actors/hub_counters.hpp"
#include "actors/presence.hpp"
#include "actors/protocol.hpp"
#include "actors/room_stats.hpp"
#include "actors/tail.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace hubbub {

struct broadcaster_settings {
  std::size_t delivery_bytes = 262144;   ///< The approximate bound of one delivery to a session.
  std::size_t chunk_bytes = 65536;       ///< The approximate size of the chunks of a batch.
  std::size_t tail_bytes = 1048576;      ///< The budget of one room's hot tail.
  std::shared_ptr<peer_hubs> peers = {}; ///< Null if no other hub can use the database.
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
};

/// Each attach is answered by one `deliver` to its sink: `init` if the attach asks for it, then the
/// messages after its cursor. A batch is published only to the sinks that have members in its room.
/// A room exists while it has members.
///
/// The number of people in a room is announced to the room when it has changed, at most once per
/// second, and to each session that has joined the live fan-out.
class broadcaster_state {
public:
  using pointer = broadcaster_actor::stateful_pointer<broadcaster_state>;

  static inline const char* name = "broadcaster";

  broadcaster_actor::behavior_type start(pointer self, history_actor history,
                                         broadcaster_settings settings);

private:
  struct room {
    room_ref ref = 0;
    /// The number of members per sink. The sinks outlive the actor; see session_sink.
    std::unordered_map<session_sink*, std::uint32_t> members;
    std::int64_t online = 0;    ///< Members in this hub.
    std::int64_t announced = 0; ///< People in all hubs, as last announced.
    bool announcing = false;    ///< An announcement is scheduled.
    /// The sessions that joined the live fan-out after the last announcement, and missed it. The
    /// sinks outlive the actor.
    std::set<std::pair<session_sink*, session_ref>> newcomers;

    std::optional<tail> hot_tail;  ///< Empty until it is loaded, and after it was shed.
    bool used_since_sweep = false; ///< The tail answered an attach since the last sweep.
    std::vector<encoded> published_while_loading; ///< Published while the tail was being read.
    std::vector<attach> waiting_for_tail;         ///< Answered when the tail is loaded.
    shared_bytes init_tail;                       ///< The end of an `init` that resumes nothing.
  };

  static constexpr std::chrono::milliseconds retry_after{250}; ///< After history has failed.

  // broadcaster.cpp: the log, publication, members and their number

  void open_log(const log_opened& now);
  void reset_rooms();
  void advance_head(row_id head);
  void publish(const batch& what);
  void publish(room& to, std::span<const message* const> rows, const batch_credit& credit);
  void attach_session(attach a);
  void unsubscribe_session(const unsubscribe& u);

  void count_changed(const std::string& name, room& in);
  void presence_changed(const std::string& name);
  void report_presence();
  void apply_remote(peer_presence& update);
  void announce_count(const announce_presence& due);

  // broadcaster_tails.cpp: hot tails, which are a cache of the log
  std::size_t tail_budget() const;
  void shed();
  void drop_tail_over_budget(room& one);
  void load_tails();
  void tail_loaded(const std::string& name, room& to, std::span<const message* const> rows);

  // broadcaster_cursors.cpp: answers to cursors, and catch-up
  void answer_attach(room& to, attach a);
  void add_newcomer(room& in, const attach& a);
  void request_newest();
  void answer_reached();
  void send_init(room& to, const attach& a);
  void resume(room& to, const attach& a);
  shared_bytes make_init(const attach& a) const;
  std::size_t delivery_budget() const;
  void queue_catch_up(attach a);
  void request_history();
  void deliver_history(const attach& a, row_id known, const std::vector<message>& rows);

  // Constant after the start.
  pointer self_ = nullptr;
  history_actor history_;
  broadcaster_settings settings_;

  // The log.
  std::string log_; ///< The name of the log. Empty until the log is open.
  row_id head_ = 0; ///< The last id that was shown; see `advance_head`.

  // The rooms.
  std::unordered_map<std::string, room> rooms_;
  room_ref last_room_ = 0; ///< The number of the last new room.
  room_ranking ranking_;   ///< Views the keys of rooms_.
  presence_book presence_;
  std::optional<deflater> deflate_; ///< Made for the first sink that deflates.

  // Hot tails.
  std::map<room_ref, std::string> unloaded_rooms_;   ///< Rooms whose tail is to be requested.
  bool loading_ = false;                             ///< A request for tails is in flight.
  std::chrono::steady_clock::time_point swept_at_{}; ///< When all tails were last swept.

  // Cursors under the floor of the tail.
  std::deque<attach> catch_up_queue_; ///< Their page is not yet requested.
  std::size_t history_requests_ = 0;  ///< Pages that are requested.

  // Cursors above the head: the client has used a hub that is ahead of this one, or its cursor is
  // wrong.
  std::vector<attach> unverified_cursors_; ///< To be compared with the newest id of the log.
  /// Attaches by cursor. The log has the row of the cursor, but this hub has not shown it yet.
  std::multimap<row_id, attach> waiting_for_head_;
  bool newest_requested_ = false; ///< A request for the newest id is in flight.
};

inline broadcaster_actor::behavior_type
broadcaster(broadcaster_state::pointer self, history_actor history, broadcaster_settings settings) {
  return self->state.start(self, std::move(history), std::move(settings));
}

} // namespace hubbub
