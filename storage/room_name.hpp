// The rules for names of rooms.
// Knows: which characters a name has, and where. Must not know: clients, which rooms exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Returns whether the name has 1 to 64 code points, each a letter, a digit or a combining mark of
/// any script, or one of `.`, `_` and `-`. A zero-width joiner may follow a virama. A zero-width
/// non-joiner may follow a virama or stand between two letters that join (RFC 5892, appendices A.1
/// and A.2). Anywhere else these two characters would be invisible.
bool good_room_name(std::string_view name);

/// Returns the name in normalization form C, the form that the whole hub uses. Returns nothing if
/// that form is not a valid name.
std::optional<std::string> read_room_name(std::string_view given);

/// Returns the characters over ASCII that a name may have, in ranges of code points with both ends.
/// The two joiners, whose rules depend on their neighbours, are not among them.
std::vector<std::pair<char32_t, char32_t>> room_name_characters();

/// The error text for any other name.
inline constexpr std::string_view bad_room_name =
    "A room's name has 1 to 64 letters or digits of any script, '.', '_' or '-'";

} // namespace hubbub
