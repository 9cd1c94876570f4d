// A connection as operators see it.
// Knows: its client, its room, its lag. Must not know: how these are measured.
#pragma once

#include "actors/session_sink.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace hubbub {

/// What has not been written to one reader.
struct reader_lag {
  std::uint64_t messages = 0; ///< Upper bound: rows after the cursor may be in other rooms.
  std::uint64_t bytes = 0;    ///< In its outbox.
};

struct session_info {
  session_ref number = 0; ///< Grows with every new session, over all I/O threads.
  uuid connection{};
  std::string room; ///< Of the first subscription, which may have ended.
  std::string address;
  std::chrono::system_clock::time_point since;
  std::uint64_t sent = 0; ///< Messages, including those in its outbox.
  reader_lag lag;
  std::size_t subscriptions = 0;
  bool events = false; ///< An event stream, not a WebSocket.
};

/// The readers whose outbox has not been empty for a second or more, and the readers that
/// left the live fan-out because they were slow.
struct slow_readers {
  struct reader {
    uuid connection{};
    reader_lag lag;
  };
  std::size_t count = 0;
  reader_lag lag;            ///< The sum over all of them.
  std::vector<reader> worst; ///< At most `max_listed`, by bytes, largest first.

  static constexpr std::size_t max_listed = 20;
};

/// Keeps the `max_listed` readers with the most bytes, largest first.
inline void keep_worst(std::vector<slow_readers::reader>& all) {
  const auto end = all.begin() + std::ptrdiff_t(std::min(all.size(), slow_readers::max_listed));
  std::partial_sort(all.begin(), end, all.end(),
                    [](const auto& a, const auto& b) { return a.lag.bytes > b.lag.bytes; });
  all.erase(end, all.end());
}

} // namespace hubbub
