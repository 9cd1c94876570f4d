// The texts of frames that clients send, read as commands.
// Knows: JSON and the limits on the fields of a command. Must not know: sockets, actors, events.
#pragma once

#include "actors/position.hpp"
#include "actors/refusal_code.hpp"
#include "actors/wire_hello.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub::wire {

inline constexpr std::size_t max_text = 1000;      ///< Code points.
inline constexpr std::size_t max_key = 64;         ///< Code points.
inline constexpr std::size_t max_echoed_room = 64; ///< Code points; see refusal.
inline constexpr int max_most = 1000;
inline constexpr std::size_t default_max_data = 8 * 1024; ///< Bytes of the setting MAX_DATA.
/// The bytes that a frame, or a message of a publication, may have beside its data.
inline constexpr std::size_t max_beside_data = 16 * 1024;

/// A client sends a message, with text for people, data for programs, or both.
struct message_command {
  std::string text;                ///< Empty only where there is data.
  std::string key;                 ///< The client's idempotency key. Empty: none was given.
  std::optional<std::string> room; ///< In normalization form C. Empty: the room that the connection
                                   ///< was opened with.
  std::string data = {};           ///< A JSON value, byte for byte as it came. Empty: none.
};

/// A client subscribes to a room.
struct subscribe {
  std::string room;             ///< In normalization form C.
  std::optional<position> from; ///< Resume after this position. Empty: `after` or `log` was not
                                ///< given, so the client does not resume. Never negative, and the
                                ///< name of the log is in lower case.
  std::optional<int> most;      ///< Resume only if at most this number of messages was missed. 1 to
                                ///< `max_most`.
};

/// A client ends a subscription.
struct unsubscribe {
  std::string room; ///< In normalization form C.
};

/// A client asks for a pong.
struct ping {};

/// Why a frame was refused. The connection stays open.
struct refusal {
  refusal_code code;
  std::string message; ///< For a person.
  std::string key;     ///< The key of the refused message. Empty if it has none or was not read.
  /// The room that the refused frame names, in normalization form C. With the code `bad_room` it is
  /// the text that the client gave, if that has at most `max_echoed_room` code points. Empty: the
  /// frame names no room.
  std::string room = {};
  /// The frame is a message without a room, so the error names the room that the connection was
  /// opened with.
  bool of_first_room = false;
};

using command = std::variant<message_command, subscribe, unsubscribe, hello, ping, refusal>;

/// Reads one frame, which may hold any bytes. A message with more than `max_data` bytes of data is
/// refused. Does not throw.
command parse(std::string_view text, std::size_t max_data = default_max_data);

/// Reads one message as `parse` does, but its object needs no `type`. Does not throw.
std::variant<message_command, refusal> parse_message(std::string_view text,
                                                     std::size_t max_data = default_max_data);

/// Returns the room that an error about the frame names, or an empty text. `first_room`: the room
/// that the connection was opened with, which a message without a room is about.
std::string named_room(const command& frame, const std::string& first_room);

} // namespace hubbub::wire
