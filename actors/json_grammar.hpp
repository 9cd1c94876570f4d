// The grammar of JSON, without what a library adds to it: no value is too deep or too large.
// Knows: RFC 8259 and UTF-8. Must not know: what a value means.
#pragma once

#include <cstddef>
#include <string_view>

namespace hubbub {

/// Returns the bytes of the JSON value (RFC 8259, section 3) with which the text begins, or 0 if it
/// begins with none. No white space may come before the value; what follows it does not matter. An
/// escape may name half of a surrogate pair. Strings are UTF-8 (RFC 3629). The text may be any
/// bytes. Takes time in proportion to the value, and a bit of memory for each level of nesting.
std::size_t json_value_size(std::string_view text);

/// Returns whether the whole text is one JSON value, without white space around it.
inline bool is_json_value(std::string_view text) {
  return !text.empty() && json_value_size(text) == text.size();
}

} // namespace hubbub
