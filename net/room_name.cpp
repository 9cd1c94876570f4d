#include "net/room_name.hpp"

#include <utf8proc.h>

namespace hubbub {

namespace {

constexpr int most_characters = 64;

bool good(utf8proc_int32_t character) {
  switch (utf8proc_category(character)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
    return true;
  default:
    return character == '.' || character == '_' || character == '-';
  }
}

} // namespace

bool good_room_name(std::string_view name) {
  int characters = 0;
  while (!name.empty()) {
    utf8proc_int32_t character = 0;
    const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                        utf8proc_ssize_t(name.size()), &character);
    if (bytes <= 0 || !good(character) || ++characters > most_characters)
      return false;
    name.remove_prefix(std::size_t(bytes));
  }
  return characters > 0;
}

} // namespace hubbub
