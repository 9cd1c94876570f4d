// The number of people in each room, in this hub and in the others, and its announcements.
// Knows: counts, and when a room is to be told. Must not know: hot tails, cursors, CAF.
#pragma once

#include "actors/event_stream.hpp"
#include "actors/peer_presence.hpp"
#include "actors/room_stats.hpp"
#include "actors/session_sink.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace hubbub {

/// The part of a room that presence uses.
struct room_people {
  room_ref room = 0;          ///< The number of the room.
  std::int64_t online = 0;    ///< Members in this hub.
  std::int64_t announced = 0; ///< People in all hubs, as last announced.
  bool announcing = false;    ///< An announcement is scheduled.
  /// A subscription: its sink, which outlives the actor, its session, its number, and its encoding.
  using subscriber = std::tuple<session_sink*, session_ref, subscription_ref, encoding>;
  /// The subscriptions that joined the live fan-out after the last announcement, and missed it.
  std::set<subscriber> newcomers;
};

/// Counts people. The number of people in a room is announced to the room when it has changed, at
/// most once per second, and to each subscription that has joined the live fan-out. The changes of
/// all rooms are reported to the other hubs at most once per second.
///
/// Keeps no entry for a room that is empty in all hubs, once its last change was reported.
/// Threads: may be used by one thread at a time.
class presence {
public:
  /// What presence needs of its owner.
  struct port {
    /// Calls `announce` in a second, unless the room has another number by then.
    std::function<void(const std::string& name, room_ref room)> announce_later;
    std::function<void()> report_later; ///< Calls `report` in a second.
    /// Returns the people of a room of this hub, or null if there is no such room.
    std::function<room_people*(const std::string& room)> find;
  };

  /// `peers` is null if no other hub can use the database.
  presence(std::shared_ptr<peer_hubs> peers, port owner)
      : peers_(std::move(peers)), owner_(std::move(owner)) {}

  /// A member has joined the room, or has left it. `room` is the key of the room: the reference is
  /// valid until the room's last member has left.
  void joined(const std::string& room, room_people& in);
  void left(const std::string& room, room_people& in);

  /// A subscription has joined the live fan-out. Announcements reach only live subscriptions, so it
  /// has missed every announcement that was made while it waited or caught up.
  void add_newcomer(const std::string& room, room_people& in, room_people::subscriber who);

  /// Tells the newcomers the number of people. If the number has changed, everybody is to be told
  /// instead: then returns the event for that.
  std::optional<room_event> announce(const std::string& room, room_people& in);

  /// Forgets the announcement that is scheduled, and the newcomers.
  static void forget_announcements(room_people& in);

  /// Reports the rooms whose number has changed to the other hubs.
  void report();

  /// Applies what the other hubs have reported.
  void apply_remote(peer_presence& update);

  /// Marks a room whose number in this hub is to be reported.
  void mark_changed(const std::string& room);

  /// Returns the number of people of a room in the other hubs.
  std::int64_t in_peers(const std::string& room) const;

  room_stats stats(const std::string& log) const { return ranking_.take(log); }

private:
  void announce_later(const std::string& room, room_people& in);

  const std::shared_ptr<peer_hubs> peers_;
  const port owner_;
  std::unordered_map<std::string, std::int64_t> peer_counts_; ///< No entry is 0.
  std::unordered_set<std::string> changed_; ///< The rooms of this hub to be reported.
  room_ranking ranking_;
};

} // namespace hubbub
