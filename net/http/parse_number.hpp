// Whole numbers as people write them into queries.
// Knows: decimal digits. Must not know: what is counted.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace hubbub {

/// The number that the whole text is, the nearest there is if it is too great; nothing, if it is
/// none.
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
