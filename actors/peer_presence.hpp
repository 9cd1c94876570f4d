// The numbers of people in the rooms of the other hubs.
// Knows: counts. Must not know: where they come from, CAF.
#pragma once

#include "storage/peer_hubs.hpp"

#include <vector>

namespace hubbub {

/// The counts of the other hubs; see peer_update.
struct peer_presence {
  std::vector<room_count> counts;
  bool snapshot = false, reconnected = false;
};

} // namespace hubbub
