// How letters of cursive scripts join their neighbours.
// Knows: the property Joining_Type of Unicode 14, for letters only. Must not know: names, rules.
#pragma once

namespace hubbub {

/// Returns whether the letter has Joining_Type L or D (Unicode Standard, section 9.2).
bool joins_to_next(char32_t letter);

/// Returns whether the letter has Joining_Type R or D.
bool joins_to_previous(char32_t letter);

} // namespace hubbub
