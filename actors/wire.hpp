// The wire format of events, as texts of frames.
// Knows: JSON. Must not know: sockets, actors.
#pragma once

#include "actors/draft_unit.hpp"
#include "actors/wire_command.hpp"
#include "storage/log.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hubbub::wire {

/// `{"type":"message",…}`. The data of the message is in the event byte for byte, and must be JSON.
std::string message_event(const message& m);

std::string ack_event(std::string_view key, std::string_view room, row_id id, std::int32_t number);

/// Names neither a room nor a key if `why` has none. `of_first_room` has no effect.
std::string error_event(const refusal& why);

/// The answer to a hello: the name and the person of the connection now, null where it has none.
std::string hello_event(const author_profile& who);

/// The answer to a ping.
inline constexpr std::string_view pong_event = "{\"type\":\"pong\"}";

/// The answer to an unsubscribe.
std::string unsubscribed_event(std::string_view room);

std::string presence_event(std::string_view room, std::size_t online);

/// Tells the sessions of a room that the log has lost rows.
std::string fork_event(std::string_view room, const log_fork& fork);

/// An `init` is `init_head(…)`, the messages with commas between them, and `init_tail(…)`. A
/// `subscribed` is `subscribed_head`, the messages and the same tail. The messages and the tail are
/// the same for all fresh opens of a room, and are shared. `fork`: what the log has lost and the
/// client may not know. `missed`: the number of messages that a client missed that does not resume
/// because it set a limit.
std::string init_head(const uuid& connection);
inline constexpr std::string_view subscribed_head = "{\"type\":\"subscribed\",\"history\":[";
std::string init_tail(std::string_view room, std::string_view log, bool resumed,
                      const std::optional<log_fork>& fork = {},
                      std::optional<std::int64_t> missed = {});

/// Returns the body of the answer to a publication, which is stored: `{"log":…,"messages":[{"id":…,
/// "room":…,"connection_id":…,"user_message_number":…,"created_at":…,"repeated":…},…]}`.
std::string publication_answer(std::string_view log, std::span<const stored_message> messages);

} // namespace hubbub::wire
