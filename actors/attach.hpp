// What is asked for a subscription: deliveries, and its end.
// Knows: cursors, and the session that the answer goes to. Must not know: which actor answers, CAF.
#pragma once

#include "actors/position.hpp"
#include "actors/session_sink.hpp"

#include <optional>
#include <string>

namespace hubbub {

/// A session asks for the next delivery of a subscription when the turn of the subscription has
/// come: for the first one, or for what the subscription has missed since it is not live.
struct delivery_request {
  subscription_ref subscription = 1;
  row_id cursor = 0;
  row_id known_fork = 0; ///< As the last delivery said.
};

/// A subscription has left its session: nothing more is written for it.
struct subscription_ended {
  subscription_ref subscription = 0;
};

/// The frame that comes before the messages in the answer to an attach.
enum class greeting : std::uint8_t {
  none,       ///< Only the forks that the subscription does not know.
  init,       ///< For the first subscription of a connection.
  subscribed, ///< For every further one.
};

/// Resume only if few messages were missed.
struct resume_limit {
  int most = 0; ///< Messages.
  /// The messages of the room that are after the cursor, up to the row `counted_to`. Nothing until
  /// the counting has begun. Not more than `max_count`.
  std::optional<std::int64_t> missed = {};
  row_id counted_to = 0;
  row_id known_fork = 0; ///< The `first` of the newest fork when the counting began. A later fork
                         ///< makes the number void.

  static constexpr std::int64_t max_count = 100'000;
};

/// A subscription asks for the rows after its cursor.
struct attach {
  std::string room;
  session_sink* sink = nullptr; ///< Outlives the actors; see session_sink.
  encoding how{};
  session_ref session = 0;
  subscription_ref subscription = 1;
  uuid connection{};
  greeting greet{};             ///< Not `none` in the first attach of a subscription.
  bool is_member = false;       ///< The subscription is counted among the room's members already.
  std::optional<position> from; ///< In a first attach the client's position, or empty for a fresh
                                ///< open. Later the subscription's cursor.
  std::optional<resume_limit> limit = {};
  row_id known_fork = 0; ///< As the last delivery said; see delivery. Has no meaning in a first
                         ///< attach.
};

/// A subscription has ended.
struct unsubscribe {
  std::string room;
  session_sink* sink = nullptr; ///< Outlives the actors; see session_sink.
  encoding how{};
};

} // namespace hubbub
