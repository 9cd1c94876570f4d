// How many are in a room, here and in other hubs, and what is yet to be told of it.
// Knows: counts. Must not know: who they are, or who is told.
#pragma once

#include "storage/neighbours.hpp"

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace hubbub {

/// Of the broadcaster. Keeps nothing of a room that is empty everywhere, once that was told.
class presence_book {
public:
  std::int64_t elsewhere(const std::string& room) const {
    const auto at = elsewhere_.find(room);
    return at == elsewhere_.end() ? 0 : at->second;
  }

  /// Takes what other hubs told. Calls `changed` with each room whose count is another now.
  template<class Changed>
  void learn(std::vector<room_count>&& news, bool whole, Changed changed) {
    auto before = whole ? std::exchange(elsewhere_, {}) : decltype(elsewhere_){};
    for (auto& [room, online] : news) {
      auto& old = whole ? before : elsewhere_;
      const auto at = old.find(room);
      const auto was = at == old.end() ? 0 : at->second;
      if (at != old.end())
        old.erase(at);
      if (was != online)
        changed(room);
      if (online)
        elsewhere_.emplace(std::move(room), online);
    }
    for (const auto& [room, online] : before)
      changed(room);
  }

  /// A room's count here is another. True: the first since the last `take_changed`.
  bool note(const std::string& room) {
    changed_.insert(room);
    return changed_.size() == 1;
  }

  std::unordered_set<std::string> take_changed() { return std::exchange(changed_, {}); }

private:
  std::unordered_map<std::string, std::int64_t> elsewhere_;
  std::unordered_set<std::string> changed_; ///< Here.
};

} // namespace hubbub
