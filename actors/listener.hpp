// What other hubs tell, brought to whom it concerns.
// Knows: the line to them, and when to try again. Must not know: what becomes of the news.
#pragma once

#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

struct listener_state {
  std::chrono::milliseconds pause{};
  retry_reason reason;
  static inline const char* name = "listener";
};

/// Spawn detached: it waits on the line. Tell the line to end before the actor.
listener_actor::behavior_type listener(listener_actor::stateful_pointer<listener_state> self,
                                       std::shared_ptr<neighbours> line, persistence_actor store,
                                       broadcaster_actor rooms);

} // namespace hubbub
