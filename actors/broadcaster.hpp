// Rooms: who is there, the hot tail, and the one encoding of each message.
// Knows: ids, cursors, members by sink. Must not know: where rows are stored, sockets.
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
  std::size_t delivery_bytes = 262144; ///< At most about this much to one session in one delivery.
  std::size_t chunk_bytes = 65536;     ///< A batch goes to the sinks in pieces of about this size.
  std::size_t tail_bytes = 1048576;    ///< Of one room.
  std::shared_ptr<peer_hubs> peers = {}; ///< Null if no other hub can use the database.
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
};

/// An attach is answered by one `deliver` to its sink: `init` first if it asked for it, then what
/// follows its cursor. A room without members is forgotten. What is published reaches only the
/// sinks that have members in its room. How many are in a room is told to it when that has changed,
/// at most once a second, and to each session that has come into its live fan-out.
class broadcaster_state {
public:
  using pointer = broadcaster_actor::stateful_pointer<broadcaster_state>;

  static inline const char* name = "broadcaster";

  broadcaster_actor::behavior_type start(pointer self, history_actor history,
                                         broadcaster_settings settings);

private:
  struct room {
    room_ref ref = 0;
    std::unordered_map<session_sink*, std::uint32_t> members;
    std::int64_t online = 0, announced = 0; ///< Here; everywhere.
    bool announcing = false;                ///< An announcement is due.
    /// The sessions that came into the live fan-out after the last announcement, and missed it.
    std::set<std::pair<session_sink*, session_ref>> newcomers;
    std::optional<tail> hot_tail;  ///< Of a room that is warm: read by somebody, and not shed.
    bool used_since_sweep = false; ///< The tail was, since the last sweep.
    std::vector<encoded> published_while_loading; ///< Published while its first page was under way.
    std::vector<attach> waiting_for_tail; ///< For that page: the room is cold until it comes.
    shared_bytes init_tail;               ///< Of a fresh open.
  };

  void open_log(const log_opened& now);
  void reset_rooms();
  void advance_head(row_id head);
  void publish(const batch& what);
  void publish(room& to, std::span<const message* const> rows, const ingress_credit& credit);
  void attach_session(attach a);
  void unsubscribe_session(const unsubscribe& l);

  void count_changed(const std::string& name, room& in);
  void presence_changed(const std::string& name);
  void report_presence();
  void apply_remote(peer_presence& update);
  void announce_count(const announce_presence& due);

  std::size_t tail_budget() const;
  void shed();
  void drop_tail_over_budget(room& one);
  void load_tails();
  void tail_loaded(const std::string& name, room& to, std::span<const message* const> rows);

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

  pointer self_ = nullptr;
  history_actor history_;
  broadcaster_settings settings_;
  std::string log_;                 ///< Empty until the log is open.
  row_id head_ = 0;                 ///< The last id that was shown; see `advance_head`.
  std::optional<deflater> deflate_; ///< From the first session_sink on that wants it.
  room_ref last_room_ = 0;
  presence_book presence_;
  std::unordered_map<std::string, room> rooms_;
  room_ranking ranking_;
  std::map<room_ref, std::string> unloaded_rooms_; ///< Rooms whose first page is to be asked for.
  bool loading_ = false;
  std::chrono::steady_clock::time_point swept_at_{}; ///< When all tails were last looked at.
  std::deque<attach>
      catch_up_queue_; ///< Under the floor of their room's tail, and not yet asked about.
  std::size_t history_requests_ = 0; ///< Pages of the past that are under way.
  // From a hub that is ahead of this one, or so they say: whom the log is yet to be asked about,
  // and by cursor those whom the head will reach.
  std::vector<attach> unverified_cursors_;
  std::multimap<row_id, attach> waiting_for_head_;
  bool newest_requested_ = false;
};

inline broadcaster_actor::behavior_type
broadcaster(broadcaster_state::pointer self, history_actor history, broadcaster_settings settings) {
  return self->state.start(self, std::move(history), std::move(settings));
}

} // namespace hubbub
