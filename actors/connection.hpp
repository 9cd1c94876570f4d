// One WebSocket connection: its UUID, its counter, its rate, what it may say.
// Knows: its own client alone. Must not know: other connections, SQL, sockets.
#pragma once

#include "actors/figures.hpp"
#include "actors/intake.hpp"
#include "actors/protocol.hpp"
#include "actors/token_bucket.hpp"

#include <list>
#include <queue>

namespace hubbub {

/// From the kernel's random numbers: not to be guessed. Any thread.
uuid new_uuid();

/// How a connection comes to be.
struct opening {
  std::string room;
  outlet* lane = nullptr;
  session_ref session = 0;
  std::optional<position> from;
  std::string name = {}; ///< Whose messages these are, as a token says; empty: nobody's.
  uuid id = new_uuid();
  source_ptr of = std::make_shared<source>(); ///< Whom it shares the intake as one with.
};

/// What every connection of a hub shares.
struct surroundings {
  broadcaster_actor rooms;
  persistence_actor store;
  std::shared_ptr<intake> accepted;
  double rate = 0; ///< Frames a second, with twice that in one go; 0 for no limit.
  std::shared_ptr<figures> counted = std::make_shared<figures>();
};

struct connection_state {
  std::shared_ptr<author> self_as_author;
  std::shared_ptr<const surroundings> hub;
  std::string room;
  source_ptr of;
  outlet* lane = nullptr;
  session_ref session = 0;
  token_bucket allowed;
  token_bucket::clock::time_point next_free_ping{}; ///< Sooner, a ping counts in `allowed`.
  bool gone = false; ///< Its session is; it stays until all it accepted is settled.
  load in_flight;    ///< Accepted, and not stored yet.
  std::queue<std::size_t, std::list<std::size_t>>
      frames; ///< Their bytes each, in order; outcomes come in this order too.
  static inline const char* name = "connection";
};

/// While the log is away, it accepts until its own share of the backlog or the whole is full, and
/// then answers `busy`. Every frame is answered by exactly one settled frame towards the lane: at
/// once when it is refused, after the commit when it is accepted.
connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           std::shared_ptr<const surroundings> hub, opening how);

} // namespace hubbub
