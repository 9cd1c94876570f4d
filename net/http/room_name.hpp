// What a room may be called.
// Knows: which characters, and where. Must not know: who asks, what rooms there are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// 1 to 64 characters (code points), each a letter, a digit or a combining mark of any script, or
/// one of `.`, `_` and `-`; and, where a word needs them, the zero-width joiner behind a virama and
/// the zero-width non-joiner behind a virama or between two letters that join (RFC 5892, appendices
/// A.1 and A.2). Elsewhere nobody would see them.
bool good_room_name(std::string_view name);

/// The name in the one form by which it is known everywhere, normalization form C; nothing, if that
/// is no good name.
std::optional<std::string> read_room_name(std::string_view given);

/// For whoever asked for another one.
inline constexpr std::string_view bad_room_name =
    "A room's name has 1 to 64 letters or digits of any script, '.', '_' or '-'";

} // namespace hubbub
