// Texts that are compared in any case of letters, in one case.
// Knows: the letters of ASCII. Must not know: what is compared.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hubbub {

/// The text with `a` to `z` in place of `A` to `Z`, whatever the locale.
inline std::string in_small_letters(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  return out;
}

} // namespace hubbub
