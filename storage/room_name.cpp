#include "storage/room_name.hpp"

#include "storage/joining_type.hpp"
#include "storage/unicode_nfc.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <vector>

namespace hubbub {

namespace {

constexpr std::size_t max_characters = 64;

/// A character of a name in normalization form C has at most four code points before it is composed
/// (as U+1F82 has), and a code point has at most four bytes.
constexpr std::size_t max_bytes_given = max_characters * 4 * 4;

constexpr char32_t non_joiner = 0x200c, joiner = 0x200d;

/// The canonical combining class of all viramas, which the rules of RFC 5892 recognize them by.
constexpr utf8proc_propval_t virama_class = 9;

/// Returns the code points of UTF-8. Empty for invalid UTF-8 and for a text that is too long.
std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> out;
  while (!text.empty()) {
    utf8proc_int32_t character = 0;
    const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                        utf8proc_ssize_t(text.size()), &character);
    if (bytes <= 0 || out.size() == max_characters)
      return {};
    out.push_back(char32_t(character));
    text.remove_prefix(std::size_t(bytes));
  }
  return out;
}

bool is_word_character(char32_t character) {
  switch (utf8proc_category(utf8proc_int32_t(character))) {
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

/// Returns whether the character has Joining_Type T. Correct only for characters that a room's name
/// may contain.
bool is_transparent(char32_t character) {
  const auto category = utf8proc_category(utf8proc_int32_t(character));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

bool follows_virama(const std::vector<char32_t>& name, std::size_t at) {
  return at > 0 &&
         utf8proc_get_property(utf8proc_int32_t(name[at - 1]))->combining_class == virama_class;
}

bool separates_joining_letters(const std::vector<char32_t>& name, std::size_t at) {
  auto before = at, after = at + 1;
  while (before > 0 && is_transparent(name[before - 1]))
    --before;
  while (after < name.size() && is_transparent(name[after]))
    ++after;
  return before > 0 && after < name.size() && joins_to_next(name[before - 1]) &&
         joins_to_previous(name[after]);
}

} // namespace

bool good_room_name(std::string_view name) {
  const auto all = code_points(name);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool valid = all[i] == joiner ? follows_virama(all, i)
                       : all[i] == non_joiner
                           ? follows_virama(all, i) || separates_joining_letters(all, i)
                           : is_word_character(all[i]);
    if (!valid)
      return false;
  }
  return !all.empty();
}

std::optional<std::string> read_room_name(std::string_view given) {
  if (given.size() > max_bytes_given) // the time of the normalization is quadratic
    return {};
  auto name = to_nfc(given);
  if (!good_room_name(name))
    return {};
  return name;
}

std::vector<std::pair<char32_t, char32_t>> room_name_characters() {
  constexpr char32_t first = 0x80, last = 0x10ffff;
  std::vector<std::pair<char32_t, char32_t>> out;
  for (auto c = first; c <= last; ++c)
    if (is_word_character(c)) {
      if (out.empty() || out.back().second + 1 != c)
        out.emplace_back(c, c);
      out.back().second = c;
    }
  return out;
}

} // namespace hubbub
