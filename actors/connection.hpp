// One WebSocket connection: its UUID, its counter, its rate, what it may say.
// Knows: its own client alone. Must not know: other connections, SQL, sockets.
#pragma once

#include "actors/hub_counters.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/token_bucket.hpp"

#include <list>
#include <queue>

namespace hubbub {

/// From the kernel's random numbers: not to be guessed. Any thread.
uuid new_uuid();

/// How a connection comes to be.
struct connection_params {
  std::string room;
  session_sink* sink = nullptr;
  session_ref session = 0;
  std::optional<position> from;
  std::string name = {}; ///< Whose messages these are, as a token says; empty: nobody's.
  uuid id = new_uuid();
  ingress_quota_ptr quota =
      std::make_shared<ingress_quota>(); ///< Whom it shares the ingress budget as one with.
};

/// What every connection of a hub shares.
struct hub_context {
  broadcaster_actor broadcaster;
  persistence_actor persistence;
  std::shared_ptr<ingress_budget> ingress;
  double rate = 0; ///< Frames a second, with twice that in one go; 0 for no limit.
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
};

struct connection_state {
  std::shared_ptr<author> self_as_author;
  std::shared_ptr<const hub_context> hub;
  std::string room;
  ingress_quota_ptr quota;
  session_sink* sink = nullptr;
  session_ref session = 0;
  token_bucket rate_limit;
  token_bucket::clock::time_point next_free_ping{}; ///< Sooner, a ping counts in `allowed`.
  bool session_closed = false; ///< Its session is; it stays until all it accepted is settled.
  frame_volume in_flight;      ///< Accepted, and not stored yet.
  std::queue<std::size_t, std::list<std::size_t>>
      frame_sizes; ///< Their bytes each, in order; outcomes come in this order too.
  static inline const char* name = "connection";
};

/// While the log is away, it accepts until its own share of the backlog or the whole is full, and
/// then answers `busy`. Every frame is answered by exactly one settled frame towards the sink: at
/// once when it is refused, after the commit when it is accepted.
connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           std::shared_ptr<const hub_context> hub, connection_params params);

} // namespace hubbub
