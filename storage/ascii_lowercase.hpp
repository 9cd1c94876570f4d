// ASCII lower case, for texts that are compared without regard to case.
// Knows: the letters of ASCII. Must not know: the texts that are compared.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the text with `a` to `z` in place of `A` to `Z`. Does not depend on the locale. Any
/// thread may call it.
inline std::string to_ascii_lowercase(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  return out;
}

} // namespace hubbub
