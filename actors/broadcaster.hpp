// The rooms of the hub, and the actor that takes every message about them.
// Knows: which part of a room answers what. Must not know: where rows are stored, sockets.
#pragma once

#include "actors/catch_up_queue.hpp"
#include "actors/fanout.hpp"
#include "actors/presence.hpp"
#include "actors/protocol.hpp"
#include "actors/tail_cache.hpp"

#include <optional>
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

/// Each attach is answered by one `deliver` to its sink: the greeting if the attach asks for one,
/// then the messages after its cursor. A batch is published only to the sinks that have members in
/// its room. A room exists while it has members.
///
/// When the log has lost rows, every session is told: those in the live fan-out by a frame that is
/// published, and the others by their next delivery.
///
/// The actor owns the rooms and connects four parts, none of which knows another: the fan-out, the
/// tail cache, the catch-up queue and presence. Each part uses its own part of a room.
class broadcaster_state {
public:
  using pointer = broadcaster_actor::stateful_pointer<broadcaster_state>;

  static inline const char* name = "broadcaster";

  broadcaster_actor::behavior_type start(pointer self, history_actor history,
                                         broadcaster_settings settings);

private:
  struct room {
    room_members members;
    room_people people;
    room_tail tail;
  };

  // broadcaster_parts.cpp: what the parts get of the actor
  void make_parts(const broadcaster_settings& settings);
  tail_cache::port tails_port();
  catch_up_queue::port catch_up_port();
  presence::port presence_port();

  // broadcaster.cpp
  void open_log(const log_opened& now);
  void go_on(row_id head);
  void reset_rooms();
  void tell_forks(const std::vector<log_fork>& news);
  void advance_head(row_id head);
  void publish(const batch& what);
  void attach_session(attach a);
  void unsubscribe_session(const unsubscribe& u);
  void announce_count(const announce_presence& due);
  void apply_remote(peer_presence& update);
  void answer_attach(const std::string& name, room& in, attach a);
  bool count_missed(const tail& hot, attach& a) const;
  void send_history(const std::string& name, room& to, const attach& a, bool cursor_known);
  void resume(const std::string& name, room& to, attach a);

  // Constant after the start.
  pointer self_ = nullptr;
  history_actor history_;
  std::shared_ptr<hub_counters> counters_;

  shown_log log_;

  // The parts. All are made by `start`.
  std::optional<fanout> fanout_;
  std::optional<tail_cache> tails_;
  std::optional<catch_up_queue> catch_up_;
  std::optional<presence> presence_;

  /// Destroyed before the parts: a hot tail counts in the memory budget that the tail cache keeps.
  std::unordered_map<std::string, room> rooms_;
  room_ref last_room_ = 0; ///< The number of the last new room.

  /// All sinks that have had members. Each may have connections that have left their last room.
  std::set<session_sink*> sinks_;
};

inline broadcaster_actor::behavior_type
broadcaster(broadcaster_state::pointer self, history_actor history, broadcaster_settings settings) {
  return self->state.start(self, std::move(history), std::move(settings));
}

} // namespace hubbub
