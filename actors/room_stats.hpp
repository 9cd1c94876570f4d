// The size of a hub: its rooms and members, and which rooms have the most members.
// Knows: rooms by their number of members. Must not know: the members.
#pragma once

#include "storage/peer_hubs.hpp"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// The state of this hub alone; other hubs are not counted.
struct room_stats {
  std::string log;                 ///< The name of the log. Empty until the log is open.
  std::size_t rooms = 0;           ///< Rooms with members.
  std::int64_t members = 0;        ///< Members of all rooms.
  std::vector<room_count> fullest; ///< At most `most_rooms`, by falling number of members.

  static constexpr std::size_t most_rooms = 20;
};

/// Rooms ordered by their number of members, so that the fullest are found without a scan.
/// Lifetime: belongs to the broadcaster. The names are views of the keys of its rooms; a room is
/// moved to 0 before its key is destroyed.
class room_ranking {
public:
  /// Records that a room had `from` members and has `to` now. 0: there is no such room.
  void move(std::string_view name, std::int64_t from, std::int64_t to) {
    if (from)
      ranks_.erase({from, name});
    if (to)
      ranks_.emplace(to, name);
    members_ += to - from;
  }

  room_stats take(std::string log) const {
    room_stats out{std::move(log), ranks_.size(), members_, {}};
    for (auto at = ranks_.begin();
         at != ranks_.end() && out.fullest.size() < room_stats::most_rooms; ++at)
      out.fullest.push_back({std::string(at->second), at->first});
    return out;
  }

private:
  std::set<std::pair<std::int64_t, std::string_view>, std::greater<>> ranks_;
  std::int64_t members_ = 0;
};

} // namespace hubbub
