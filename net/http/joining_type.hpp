// How letters of cursive scripts join their neighbours.
// Knows: the property Joining_Type of Unicode 14, of letters alone. Must not know: names, rules.
#pragma once

namespace hubbub {

/// Joining_Type L or D (Unicode Standard, section 9.2).
bool joins_to_next(char32_t letter);

/// Joining_Type R or D.
bool joins_to_previous(char32_t letter);

} // namespace hubbub
