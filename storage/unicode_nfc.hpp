// Unicode normalization form C, so that texts that look the same are equal.
// Knows: UTF-8 and the canonical composition of Unicode Standard Annex 15. Must not know: rooms,
// databases.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// Returns the text in normalization form C. A text that is not UTF-8 is returned unchanged. Any
/// thread may call it.
std::string to_nfc(std::string_view text);

} // namespace hubbub
