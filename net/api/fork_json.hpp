// The last fork of the log, as JSON for operators.
// Knows: the fields. Must not know: which answers have them.
#pragma once

#include "actors/log_status.hpp"
#include "storage/instant.hpp"

#include <nlohmann/json.hpp>

namespace hubbub {

/// `lost_at_most` and `found_at` are null for a fork that was made before the hub started.
inline nlohmann::ordered_json fork_json(const fork_report& last) {
  using json = nlohmann::ordered_json;
  const auto iso = [](std::chrono::system_clock::time_point when) {
    return to_iso(std::chrono::time_point_cast<std::chrono::microseconds>(when));
  };
  return {{"after", last.fork.after},
          {"first", last.fork.first},
          {"lost_at_most", last.lost_at_most ? json(*last.lost_at_most) : json()},
          {"found_at", last.found_at ? json(iso(*last.found_at)) : json()}};
}

} // namespace hubbub
