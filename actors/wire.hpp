// The wire format: the text of a frame to a command, and an event to the text of a frame.
// Knows: JSON and the limits on what clients say. Must not know: sockets, actors.
#pragma once

#include "actors/refusal_code.hpp"
#include "storage/message.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace hubbub::wire {

inline constexpr std::size_t max_text = 1000; ///< Code points.
inline constexpr std::size_t max_key = 64;    ///< Code points.

/// A client wants to say something.
struct message_command {
  std::string text;
  std::string key; ///< Empty: none was given.
};

/// A client asks whether the hub is there.
struct ping {};

/// Why a frame was not taken. The connection stays open.
struct refusal {
  refusal_code code;
  const char* message; ///< For a person.
  std::string key;     ///< Of the message that is refused, if it could be read.
};

using command = std::variant<message_command, ping, refusal>;

/// Reads one frame. Any bytes may come; nothing is thrown.
command parse(std::string_view text);

/// `{"type":"message",…}`
std::string message_event(const message& m);

std::string ack_event(std::string_view key, row_id id, std::int32_t number);

std::string error_event(const refusal& why);

/// The answer to a ping: the whole text of a frame.
inline constexpr std::string_view pong_event = "{\"type\":\"pong\"}";

std::string presence_event(std::string_view room, std::size_t online);

/// An `init` is `init_head(…)`, the messages with commas between them, and `init_tail(…)`: the
/// middle and the end are the same for all who open, and are shared.
std::string init_head(const uuid& connection);
std::string init_tail(std::string_view room, std::string_view log, bool resumed);

} // namespace hubbub::wire
