// The actor of one WebSocket or event stream: its UUID, its rate limits, its rooms, and the frames
// it accepts.
// Knows: its own client alone. Must not know: other connections, SQL, sockets.
#pragma once

#include "actors/connection_state.hpp"

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
  std::shared_ptr<const author_profile> by = {}; ///< From a token. Null: an empty profile.
  encoding how{};
  uuid id = new_uuid();
  ingress_quota_ptr quota = std::make_shared<ingress_quota>(); ///< Shared by one client address.
  room_filter_ptr rooms = {};                                  ///< From a token. Null: all rooms.
  /// Further subscriptions, with the numbers 2, 3… and the position of the first one. The session
  /// requests their deliveries.
  std::vector<std::string> more_rooms = {};
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
