#include "storage/unicode_nfc.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

namespace hubbub {

std::string to_nfc(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; }))
    return std::string(text);
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 utf8proc_ssize_t(text.size()), &made,
                                 utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::string out = size < 0 ? std::string(text) : std::string(made, made + size);
  std::free(made);
  return out;
}

} // namespace hubbub
