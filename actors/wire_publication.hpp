// The body of a request that publishes.
// Knows: JSON, and how many messages one request may have. Must not know: HTTP, actors.
#pragma once

#include "actors/wire_command.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hubbub::wire {

inline constexpr std::size_t max_publication = 1000; ///< Messages of one request.

/// The messages of one request, at least one.
struct publication {
  std::vector<message_command> messages;
  bool single = false; ///< The body is one object, and not an array.
};

/// Why the body was refused.
struct publication_refusal {
  refusal_code code;
  std::string message; ///< For a person.
  std::optional<std::size_t>
      index; ///< Of the message that is at fault. Empty: the array itself is.
};

/// Reads a body: one object, or an array of 1 to `max_publication` objects, each like a `message`
/// frame without `type`. The body may be any bytes. Does not throw.
std::variant<publication, publication_refusal> read_publication(std::string_view body,
                                                                std::size_t max_data);

} // namespace hubbub::wire
