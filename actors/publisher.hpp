// A request that publishes messages: it is read, checked, and given to the persistence actor.
// Knows: what one request may publish. Must not know: HTTP, how messages are stored.
#pragma once

#include "actors/connection_state.hpp"
#include "actors/draft_unit.hpp"
#include "actors/message_rate.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hubbub {

/// The messages of a request, as they are in the log.
struct published {
  std::string log; ///< The name of the log.
  std::vector<stored_message> messages;
};

/// Why a request was refused. Nothing of it is stored.
struct publish_refusal {
  refusal_code code;
  std::string message;                   ///< For a person.
  std::optional<std::size_t> index = {}; ///< Of the message that is at fault.
  std::chrono::seconds retry_after{0};   ///< Over 0: when the same request may succeed.
};

using publish_result = std::variant<published, publish_refusal>;

/// A request that publishes. It is a connection of its own: it has a new UUID, and its messages are
/// numbered from 1.
struct publish_request {
  std::string body;                         ///< See wire::read_publication.
  std::string room;                         ///< Of the messages that name none. In form C.
  std::optional<std::string> key;           ///< Of a single message, beside or instead of its own.
  std::optional<std::string> name, secret;  ///< As in a hello.
  std::shared_ptr<const author_profile> by; ///< From a token. Null: an empty profile.
  room_filter_ptr rooms;                    ///< From a token. Null: all rooms.
  ingress_quota_ptr quota;

  message_rate_ptr rate; ///< Of the client address. Null: no limit.

  /// Is called once, on an actor's thread, and must not block. If the hub ends before, it is
  /// destroyed without a call.
  std::function<void(publish_result)> answer;
};

/// The tokens of the rate that a refused body costs: one for each 16 KiB that have begun, and at
/// least one. So a body that is not taken is not free to send.
constexpr std::size_t refused_body_tokens(std::size_t bytes) {
  constexpr std::size_t bytes_of_token = 16 * 1024;
  return std::max<std::size_t>(1, (bytes + bytes_of_token - 1) / bytes_of_token);
}

/// What the client is told with `too_fast`.
inline constexpr const char* publishes_too_fast =
    "too much comes from your address; send it again in a while";

/// Reads a request, and sends its messages to the persistence actor as one unit, or refuses it. The
/// answer to what was sent comes when it is stored, which may take as long as the log is
/// unavailable. Its name counts in the rooms that it writes to until then.
///
/// The messages are taken from the rate when everything else allows them. A refusal costs what
/// refused_body_tokens says, except that it costs nothing if the hub itself cannot take the
/// messages now (`busy`, `upgrading`). A body that comes when no token is left is not parsed.
void publish(const hub_context& hub, publish_request request);

} // namespace hubbub
