// The wire format of events, as texts of frames.
// Knows: JSON. Must not know: sockets, actors.
#pragma once

#include "actors/wire_command.hpp"
#include "storage/log.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub::wire {

/// `{"type":"message",…}`
std::string message_event(const message& m);

std::string ack_event(std::string_view key, row_id id, std::int32_t number);

std::string error_event(const refusal& why);

/// The answer to a ping.
inline constexpr std::string_view pong_event = "{\"type\":\"pong\"}";

std::string presence_event(std::string_view room, std::size_t online);

/// Tells the sessions of a room that the log has lost rows.
std::string fork_event(std::string_view room, const log_fork& fork);

/// An `init` is `init_head(…)`, the messages with commas between them, and `init_tail(…)`. The
/// messages and the tail are the same for all fresh opens of a room, and are shared. `fork`: what
/// the log has lost and the client may not know.
std::string init_head(const uuid& connection);
std::string init_tail(std::string_view room, std::string_view log, bool resumed,
                      const std::optional<log_fork>& fork = {});

} // namespace hubbub::wire
