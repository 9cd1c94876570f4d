// Receives the updates of the other hubs and passes them to the actors that need them.
// Knows: the port to the peers, when to try again, and how long an answer about older hubs is good.
// Must not know: the use of an update.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

struct listener_state {
  std::chrono::milliseconds pause{};
  /// Since when the connection to the peers is lost while the log is available.
  std::optional<std::chrono::steady_clock::time_point> lost_since = {};
  std::optional<bool> older_hub_lives = {}; ///< The last answer of the present connection.
  retry_reason reason;
  static inline const char* name = "listener";
};

/// To be spawned detached, because it blocks in `peer_hubs::wait`. Call `peer_hubs::stop` before
/// the actor is stopped.
///
/// It tells `log_status` whether an older hub lives. While the connection to the peers is lost, the
/// last answer stays. If the log is available all the while, an older hub counts as gone after a
/// minute: a hub that can never reach its peers must not refuse `data` for ever.
listener_actor::behavior_type listener(listener_actor::stateful_pointer<listener_state> self,
                                       std::shared_ptr<peer_hubs> peers,
                                       persistence_actor persistence, broadcaster_actor broadcaster,
                                       outbox_mover_actor outbox,
                                       std::shared_ptr<ingress_budget> ingress);

} // namespace hubbub
