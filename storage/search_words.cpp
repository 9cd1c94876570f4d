#include "storage/search_words.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace hubbub {

namespace {

enum class role { separator, mark, letter };

role role_of(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
  case UTF8PROC_CATEGORY_CO:
    return role::letter;
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
    return role::mark;
  default:
    return role::separator;
  }
}

} // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool has_letter = false;
  const auto end_word = [&] {
    if (has_letter)
      out.push_back(std::move(word));
    word.clear();
    has_letter = false;
  };
  while (!text.empty()) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       utf8proc_ssize_t(text.size()), &c);
    if (size <= 0)
      return {};
    const auto is = role_of(c);
    if (is == role::separator)
      end_word();
    else
      word += text.substr(0, std::size_t(size));
    has_letter = has_letter || is == role::letter;
    text.remove_prefix(std::size_t(size));
  }
  end_word();
  return out;
}

bool is_long_search(std::string_view text) {
  const auto starts = [](char c) { return (c & '\xC0') != '\x80'; };
  return std::count_if(text.begin(), text.end(), starts) > std::ptrdiff_t(max_search_size);
}

} // namespace hubbub
