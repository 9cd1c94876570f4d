// The texts of frames that clients send, read as commands.
// Knows: JSON and the limits on the fields of a command. Must not know: sockets, actors, events.
#pragma once

#include "actors/refusal_code.hpp"

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

} // namespace hubbub::wire
