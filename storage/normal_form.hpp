// One form for texts that look the same: Unicode's canonical composition.
// Knows: UTF-8, normalization form C (Unicode Standard Annex 15). Must not know: rooms, databases.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// The text in normalization form C. What is no UTF-8 stays as it is. Any thread.
std::string in_normal_form(std::string_view text);

} // namespace hubbub
