// A connection as an operator sees it.
// Knows: whose it is, and how far behind. Must not know: how that is found out.
#pragma once

#include "actors/session_sink.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace hubbub {

/// What waits for one reader.
struct reader_lag {
  std::uint64_t messages = 0; ///< At most: those after its cursor may be in other rooms.
  std::uint64_t bytes = 0;    ///< In its outbox.
};

struct session_info {
  session_ref number = 0; ///< Greater for whoever came later, over all lanes.
  uuid connection{};
  std::string room, address;
  std::chrono::system_clock::time_point since;
  std::uint64_t sent = 0; ///< Messages, those that wait in its outbox too.
  reader_lag lag;
};

/// Readers whose outbox has not been empty for a second or more, or who have left the live fan-out
/// for being slow.
struct slow_readers {
  struct reader {
    uuid connection{};
    reader_lag lag;
  };
  std::size_t count = 0;
  reader_lag lag;            ///< Of all of them together.
  std::vector<reader> worst; ///< By bytes, the worst first, `most` at most.

  static constexpr std::size_t max_listed = 20;
};

/// Cuts a list down to the worst, the worst first.
inline void keep_worst(std::vector<slow_readers::reader>& all) {
  const auto end = all.begin() + std::ptrdiff_t(std::min(all.size(), slow_readers::max_listed));
  std::partial_sort(all.begin(), end, all.end(),
                    [](const auto& a, const auto& b) { return a.lag.bytes > b.lag.bytes; });
  all.erase(end, all.end());
}

} // namespace hubbub
