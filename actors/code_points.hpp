// The length of a text as limits count it.
// Knows: UTF-8. Must not know: the limits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hubbub {

/// Returns the number of code points of a text in UTF-8.
inline std::size_t code_points(std::string_view utf8) {
  return std::size_t(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

} // namespace hubbub
