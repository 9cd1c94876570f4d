// Parsing of whole numbers in queries.
// Knows: decimal digits. Must not know: the meaning of a number.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace hubbub {

/// Returns the number if the whole text is one. A number out of range becomes the nearest one in
/// range. Any other text gives nothing.
inline std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size() || ec == std::errc::invalid_argument)
    return {};
  if (ec == std::errc::result_out_of_range)
    return text[0] == '-' ? std::numeric_limits<std::int64_t>::min()
                          : std::numeric_limits<std::int64_t>::max();
  return out;
}

} // namespace hubbub
