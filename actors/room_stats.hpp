// Which rooms are the fullest, at any moment and without looking at all of them.
// Knows: rooms by their number of members. Must not know: who they are.
#pragma once

#include "storage/peer_hubs.hpp"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Where a hub stands and who is in it. Of this hub alone.
struct room_stats {
  std::string log;                 ///< Empty until the log is open.
  std::size_t rooms = 0;           ///< With somebody in them.
  std::int64_t members = 0;        ///< Of all rooms.
  std::vector<room_count> fullest; ///< The fullest first, `most_rooms` at most.

  static constexpr std::size_t most_rooms = 20;
};

/// Of the broadcaster. Names are views of its own.
class room_ranking {
public:
  /// A room's members were `from` and are `to` now; 0: there is no such room.
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
