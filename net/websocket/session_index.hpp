// The sessions of one I/O thread in the order in which they were opened.
// Knows: references, and a pointer for each. Must not know: what a session is.
#pragma once

#include "actors/session_sink.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

/// References only grow, so the index is a sorted array. A removed session leaves a gap (null); the
/// gaps are removed when more than half of the entries are gaps.
/// Lifetime: a session removes itself before it is destroyed.
template<class Session>
class session_index {
public:
  void add(session_ref ref, Session* session) { all_.emplace_back(ref, session); }

  void remove(session_ref ref) {
    const auto at = up_to(ref);
    if (at == all_.end() || at->first != ref || !at->second)
      return;
    at->second = nullptr;
    if (++gaps_ * 2 <= all_.size())
      return;
    std::erase_if(all_, [](const auto& each) { return !each.second; });
    gaps_ = 0;
  }

  /// Calls `each` for at most `limit` sessions with references below `before`, newest first.
  template<class Call>
  void newest(session_ref before, std::size_t limit, Call each) {
    for (auto at = up_to(before); at != all_.begin() && limit > 0;)
      if ((--at)->second) {
        each(*at->second);
        --limit;
      }
  }

private:
  auto up_to(session_ref ref) {
    return std::lower_bound(all_.begin(), all_.end(), ref,
                            [](const auto& one, session_ref other) { return one.first < other; });
  }

  std::vector<std::pair<session_ref, Session*>> all_;
  std::size_t gaps_ = 0;
};

} // namespace hubbub
