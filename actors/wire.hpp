// The wire format: reads the text of a frame as a command, and writes events as texts of frames.
// Knows: JSON and the limits on the fields of a command. Must not know: sockets, actors.
#pragma once

#include "actors/refusal_code.hpp"
#include "storage/log.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub::wire {

inline constexpr std::size_t max_text = 1000; ///< Code points.
inline constexpr std::size_t max_key = 64;    ///< Code points.

/// A client sends a message.
struct message_command {
  std::string text;
  std::string key; ///< The client's idempotency key. Empty: none was given.
};

/// A client asks for a pong.
struct ping {};

/// Why a frame was refused. The connection stays open.
struct refusal {
  refusal_code code;
  const char* message; ///< For a person.
  std::string key;     ///< The key of the refused message. Empty if it has none or was not read.
};

using command = std::variant<message_command, ping, refusal>;

/// Reads one frame, which may hold any bytes. Does not throw.
command parse(std::string_view text);

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
