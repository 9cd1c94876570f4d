// What the actor of one WebSocket or event stream keeps.
// Knows: one connection, and what all connections share. Must not know: what happens to frames.
#pragma once

#include "actors/hub_counters.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/name_registry.hpp"
#include "actors/protocol.hpp"
#include "actors/room_filter.hpp"
#include "actors/subscribed_rooms.hpp"
#include "actors/token_bucket.hpp"
#include "actors/wire_command.hpp"

#include <list>
#include <queue>

namespace hubbub {

/// What all connections of a hub share.
struct hub_context {
  broadcaster_actor broadcaster;
  persistence_actor persistence;
  std::shared_ptr<ingress_budget> ingress;
  /// Frames per second of one connection, with a burst of twice that. 0: no limit.
  double rate = 0;
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  std::size_t max_rooms = 100;                   ///< Subscriptions of one connection.
  std::size_t max_data = wire::default_max_data; ///< Bytes of the data of one message.
  std::shared_ptr<name_registry> names = std::make_shared<name_registry>();
};

struct connection_state {
  /// An accepted frame whose outcome is not known yet.
  struct accepted_frame {
    std::size_t bytes;
    std::string room;
  };

  std::shared_ptr<author> self_as_author;
  std::shared_ptr<const author_profile> by; ///< Of the messages from now on. Null: an empty one.
  std::unique_ptr<name_bearer> named;       ///< As the registry has it. Null: not in the registry.
  std::shared_ptr<const hub_context> hub;
  subscribed_rooms rooms;  ///< The first one is that of messages that name none.
  room_filter_ptr allowed; ///< Null: all rooms.
  ingress_quota_ptr quota;
  session_sink* sink = nullptr; ///< Outlives the actor; see session_sink.
  session_ref session = 0;
  token_bucket rate_limit;
  std::unique_ptr<token_bucket> subscribe_limit;    ///< Made with the first `subscribe`.
  token_bucket::clock::time_point next_free_ping{}; ///< A ping before this time takes from
                                                    ///< `rate_limit`.
  encoding how{};
  bool session_closed = false; ///< The actor ends when all its accepted frames are settled.
  frame_volume in_flight;      ///< Of all accepted frames.
  /// Outcomes come in the same order.
  std::queue<accepted_frame, std::list<accepted_frame>> accepted;
  static inline const char* name = "connection";
};

} // namespace hubbub
