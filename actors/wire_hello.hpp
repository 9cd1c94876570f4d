// The frame by which a client says whose connection it is.
// Knows: the fields of the frame and their limits. Must not know: other connections, tokens, JSON.
#pragma once

#include "actors/refusal_code.hpp"

#include <optional>
#include <string>

namespace hubbub::wire {

inline constexpr std::size_t min_secret = 16, max_secret = 128; ///< Code points.

/// A client gives its connection a name, a person, or both.
struct hello {
  std::optional<std::string> name;   ///< Empty text: no name from now on. Nothing: it stays.
  std::optional<std::string> person; ///< See `person_of_secret`. Nothing: it stays.
  const char* wrong = nullptr;       ///< Null, or what is wrong with the fields, for a person. Then
                                     ///< the fields above have no meaning.
  refusal_code code{};               ///< If something is wrong: bad_secret or bad_name.
};

/// A field of the frame, as its JSON has it.
struct hello_field {
  enum class kind { absent, null, text, other };
  kind is = kind::absent;
  std::string* text = nullptr; ///< Of the kind `text`. Null for all others.
};

/// Reads the fields of a hello. Takes the name out of its text, and overwrites the secret, so that
/// the secret stays in the memory of the hub no longer than necessary.
hello read_hello(hello_field name, hello_field secret);

} // namespace hubbub::wire
