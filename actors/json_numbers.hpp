// JSON texts with numbers of any size, for a library that rejects some and rounds others.
// Knows: the grammar of numbers in RFC 8259. Must not know: which fields there are.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// Returns the JSON text with another number in place of each one: an integer becomes the nearest
/// one that fits 64 bits with a sign, and a number with a fraction or an exponent becomes 0.5. A
/// malformed number stays as it is, so that a parser still rejects it. The text may be any bytes.
std::string with_bounded_numbers(std::string_view text);

} // namespace hubbub
