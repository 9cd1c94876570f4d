// Text from outside in a form that is safe for a log line.
// Knows: characters. Must not know: the meaning of a text.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// Returns the text between quotes. A text over `max_bytes` is cut there, and `...` follows.
/// A byte that is not printable ASCII, a quote and a backslash become `\xNN`.
std::string printable(std::string_view text, std::size_t max_bytes = 100);

/// Returns the path of a request's target in the form of `printable`. A segment over 24 characters,
/// and the rest after the first character that no plain path has, become `...`, because they may
/// hold a secret. A query is left out.
std::string printable_path(std::string_view target);

} // namespace hubbub
