// The actor of one WebSocket connection: its UUID, its rate limits, its rooms, and the frames it
// accepts.
// Knows: its own client alone. Must not know: other connections, SQL, sockets.
#pragma once

#include "actors/hub_counters.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/room_filter.hpp"
#include "actors/subscribed_rooms.hpp"
#include "actors/token_bucket.hpp"

#include <list>
#include <queue>

namespace hubbub {

/// Returns a random UUID (version 4) from the random numbers of the kernel, so that it cannot be
/// guessed. May be called from any thread.
uuid new_uuid();

/// What a new connection actor is given.
struct connection_params {
  std::string room;             ///< Of the first subscription.
  session_sink* sink = nullptr; ///< Outlives the actor; see session_sink.
  session_ref session = 0;
  std::optional<position> from; ///< Resume after this position. Empty: a fresh open.
  std::string name = {};        ///< The author's name from a token. Empty: no token.
  encoding how{};
  uuid id = new_uuid();
  ingress_quota_ptr quota = std::make_shared<ingress_quota>(); ///< Shared by one client address.
  room_filter_ptr rooms = {};                                  ///< From a token. Null: all rooms.
};

/// What all connections of a hub share.
struct hub_context {
  broadcaster_actor broadcaster;
  persistence_actor persistence;
  std::shared_ptr<ingress_budget> ingress;
  /// Frames per second of one connection, with a burst of twice that. 0: no limit.
  double rate = 0;
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  std::size_t max_rooms = 100; ///< Subscriptions of one connection.
};

struct connection_state {
  /// An accepted frame whose outcome is not known yet.
  struct accepted_frame {
    std::size_t bytes;
    std::string room;
  };

  std::shared_ptr<author> self_as_author;
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

/// Every frame is settled exactly once towards the sink: at once when it is refused, after the
/// commit when it is accepted. While the log is unavailable, the connection accepts frames until
/// its window or the ingress budget is full, and refuses further ones with `busy`.
///
/// A subscription begins with its frame: messages to the room are accepted from then on. The
/// session decides when its first delivery is requested, by a `delivery_request`.
connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           std::shared_ptr<const hub_context> hub, connection_params params);

} // namespace hubbub
