// What a room may be called.
// Knows: which characters. Must not know: who asks, what rooms there are.
#pragma once

#include <string_view>

namespace hubbub {

/// 1 to 64 characters (code points), each a letter, a digit or a combining mark of any script, or
/// one of `.`, `_` and `-`. Compared as they are written, byte for byte: nothing is normalised.
bool good_room_name(std::string_view name);

/// For whoever asked for another one.
inline constexpr std::string_view bad_room_name =
    "A room's name has 1 to 64 letters or digits of any script, '.', '_' or '-'";

} // namespace hubbub
