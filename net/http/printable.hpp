// What comes from outside, fit for a line of the log.
// Knows: characters. Must not know: what they say.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// The text between quotes, cut to `most` bytes and then `...`. Whatever is not printable ASCII,
/// and the quote and the backslash, is written as `\xNN`.
std::string printable(std::string_view text, std::size_t most = 100);

/// The path of a request's target in the same form, up to the first character that no plain path
/// has: what follows may be a secret. So may a long segment; it is left out.
std::string printable_path(std::string_view target);

} // namespace hubbub
