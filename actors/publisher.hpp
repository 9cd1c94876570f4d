// A request that publishes messages: it is read, checked, and given to the persistence actor.
// Knows: what one request may publish. Must not know: HTTP, how messages are stored.
#pragma once

#include "actors/connection_state.hpp"
#include "actors/draft_unit.hpp"

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

  /// Takes this number of messages from the rate limit of the client address. Returns 0, or how
  /// long it takes until they may come. Is called at most once, on an actor's thread.
  std::function<std::chrono::seconds(std::size_t)> charge;

  /// Is called once, on an actor's thread, and must not block. If the hub ends before, it is
  /// destroyed without a call.
  std::function<void(publish_result)> answer;
};

/// Reads a request, and sends its messages to the persistence actor as one unit, or refuses it. The
/// answer to what was sent comes when it is stored, which may take as long as the log is
/// unavailable. Its name counts in the rooms that it writes to until then.
void publish(const hub_context& hub, publish_request request);

} // namespace hubbub
