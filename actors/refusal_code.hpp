// The codes by which a client is told why a frame was not taken.
// Knows: the closed list and its names on the wire. Must not know: when a code is given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// The field `code` of an `error` frame, as the AsyncAPI description explains each. No frame has
/// the code `other`. It keeps the series of the metric that earlier versions had.
enum class refusal_code : std::uint8_t {
  bad_json,
  not_object,
  no_type,
  unknown_type,
  no_text,
  empty,
  too_long,
  nul,
  surrogate,
  bad_key,
  key_conflict,
  bad_room,
  bad_cursor,
  too_fast,
  busy,
  upgrading,
  unstorable,
  forbidden,
  already_subscribed,
  not_subscribed,
  too_many_rooms,
  other,
};

/// The names on the wire, in the order of the enumerators.
inline constexpr std::array<std::string_view, 22> refusal_code_names{
    "bad_json",
    "not_object",
    "no_type",
    "unknown_type",
    "no_text",
    "empty",
    "too_long",
    "nul",
    "surrogate",
    "bad_key",
    "key_conflict",
    "bad_room",
    "bad_cursor",
    "too_fast",
    "busy",
    "upgrading",
    "unstorable",
    "forbidden",
    "already_subscribed",
    "not_subscribed",
    "too_many_rooms",
    "other",
};

constexpr std::string_view name_of(refusal_code code) {
  return refusal_code_names[std::size_t(code)];
}

static_assert(name_of(refusal_code::other) == "other");

} // namespace hubbub
