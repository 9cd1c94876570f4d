// The number of people in each room of other hubs, and the rooms of this hub whose count changed.
// Knows: counts. Must not know: connections, the recipients of the counts.
#pragma once

#include "storage/peer_hubs.hpp"

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace hubbub {

/// Belongs to the broadcaster. Keeps no entry for a room that is empty in all hubs, once its last
/// change was taken.
class presence_book {
public:
  std::int64_t in_peers(const std::string& room) const {
    const auto at = peer_counts_.find(room);
    return at == peer_counts_.end() ? 0 : at->second;
  }

  /// Applies the counts that other hubs have reported; `snapshot` says that all other rooms are
  /// empty there. Calls `changed` with each room whose count in other hubs has changed.
  template<class Changed>
  void apply_remote(std::vector<room_count>&& counts, bool snapshot, Changed changed) {
    auto before = snapshot ? std::exchange(peer_counts_, {}) : decltype(peer_counts_){};
    for (auto& [room, online] : counts) {
      auto& old = snapshot ? before : peer_counts_;
      const auto at = old.find(room);
      const auto was = at == old.end() ? 0 : at->second;
      if (at != old.end())
        old.erase(at);
      if (was != online)
        changed(room);
      if (online)
        peer_counts_.emplace(std::move(room), online);
    }
    for (const auto& [room, online] : before)
      changed(room);
  }

  /// Marks that the count of a room in this hub has changed. Returns true for the first mark since
  /// the last `take_changed`.
  bool mark_changed(const std::string& room) {
    changed_.insert(room);
    return changed_.size() == 1;
  }

  std::unordered_set<std::string> take_changed() { return std::exchange(changed_, {}); }

private:
  std::unordered_map<std::string, std::int64_t> peer_counts_;
  std::unordered_set<std::string> changed_; ///< The rooms of this hub that were marked.
};

} // namespace hubbub
