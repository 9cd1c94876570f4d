// Receives the updates of the other hubs and passes them to the actors that need them.
// Knows: the port to the peers, and when to try again. Must not know: the use of an update.
#pragma once

#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

struct listener_state {
  std::chrono::milliseconds pause{};
  retry_reason reason;
  static inline const char* name = "listener";
};

/// To be spawned detached, because it blocks in `peer_hubs::wait`. Call `peer_hubs::stop` before
/// the actor is stopped.
listener_actor::behavior_type listener(listener_actor::stateful_pointer<listener_state> self,
                                       std::shared_ptr<peer_hubs> peers,
                                       persistence_actor persistence,
                                       broadcaster_actor broadcaster);

} // namespace hubbub
