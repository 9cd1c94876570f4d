// Rooms: who is there, the hot tail, and the one encoding of each message.
// Knows: ids, cursors, members by lane. Must not know: where rows are stored, sockets.
#pragma once

#include "actors/census.hpp"
#include "actors/deflater.hpp"
#include "actors/figures.hpp"
#include "actors/presence.hpp"
#include "actors/protocol.hpp"
#include "actors/tail.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace hubbub {

struct broadcaster_settings {
  std::size_t delivery_bytes = 262144; ///< At most about this much to one session in one delivery.
  std::size_t chunk_bytes = 65536;     ///< A batch goes to the lanes in pieces of about this size.
  std::size_t tail_bytes = 1048576;    ///< Of one room.
  std::shared_ptr<peer_hubs> peers = {}; ///< Null if no other hub can use the database.
  std::shared_ptr<figures> counted = std::make_shared<figures>();
  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
};

/// An attach is answered by one `deliver` to its lane: `init` first if it asked for it, then what
/// follows its cursor. A room without members is forgotten. What is published reaches only the
/// lanes that have members in its room. How many are in a room is told to it when that has changed,
/// at most once a second, and to each session that has come into its live fan-out.
class broadcaster_state {
public:
  using pointer = broadcaster_actor::stateful_pointer<broadcaster_state>;

  static inline const char* name = "broadcaster";

  broadcaster_actor::behavior_type start(pointer self, history_actor past,
                                         broadcaster_settings settings);

private:
  struct room {
    room_ref ref = 0;
    std::unordered_map<outlet*, std::uint32_t> members;
    std::int64_t online = 0, announced = 0; ///< Here; everywhere.
    bool announcing = false;                ///< An announcement is due.
    /// The sessions that came into the live fan-out after the last announcement, and missed it.
    std::set<std::pair<outlet*, session_ref>> newcomers;
    std::optional<tail> hot;        ///< Of a room that is warm: read by somebody, and not shed.
    bool used = false;              ///< The tail was, since the last sweep.
    std::vector<encoded> meanwhile; ///< Published while its first page was under way.
    std::vector<attach> waiting;    ///< For that page: the room is cold until it comes.
    shared_bytes init_tail;         ///< Of a fresh open.
  };

  void open(const opened& now);
  void begin_anew();
  void reach(row_id head);
  void publish(const batch& what);
  void publish(room& to, std::span<const message* const> rows, const intake_credit& credit);
  void join(attach a);
  void part(const leave& l);

  void count_changed(const std::string& name, room& in);
  void presence_changed(const std::string& name);
  void report();
  void apply_remote(peer_presence& update);
  void tell_count(const announce& due);

  std::size_t tail_budget() const;
  void shed();
  void keep_if_room(room& one);
  void load();
  void loaded(const std::string& name, room& to, std::span<const message* const> rows);

  void answer(room& to, attach a);
  void add_newcomer(room& in, const attach& a);
  void ask_newest();
  void answer_reached();
  void begin(room& to, const attach& a);
  void resume(room& to, const attach& a);
  shared_bytes whole_init(const attach& a) const;
  std::size_t delivery_budget() const;
  void read_past(attach a);
  void ask_past();
  void deliver_past(const attach& a, row_id known, const std::vector<message>& rows);

  pointer self_ = nullptr;
  history_actor past_;
  broadcaster_settings settings_;
  std::string log_;                 ///< Empty until the log is open.
  row_id head_ = 0;                 ///< The last id that was shown; see `reach`.
  std::optional<deflater> deflate_; ///< From the first outlet on that wants it.
  room_ref last_room_ = 0;
  presence_book people_;
  std::unordered_map<std::string, room> rooms_;
  ranking ranks_;
  std::map<room_ref, std::string> unread_; ///< Rooms whose first page is to be asked for.
  bool loading_ = false;
  std::chrono::steady_clock::time_point swept_{}; ///< When all tails were last looked at.
  std::deque<attach> behind_; ///< Under the floor of their room's tail, and not yet asked about.
  std::size_t leafing_ = 0;   ///< Pages of the past that are under way.
  // From a hub that is ahead of this one, or so they say: whom the log is yet to be asked about,
  // and by cursor those whom the head will reach.
  std::vector<attach> strangers_;
  std::multimap<row_id, attach> ahead_;
  bool asking_ = false;
};

inline broadcaster_actor::behavior_type
broadcaster(broadcaster_state::pointer self, history_actor past, broadcaster_settings settings) {
  return self->state.start(self, std::move(past), std::move(settings));
}

} // namespace hubbub
