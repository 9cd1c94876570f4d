#include "actors/json_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

namespace hubbub {

namespace {

/// Returns whether the whole text is one number by the grammar of RFC 8259, section 6.
bool is_number(std::string_view text) {
  const auto skip_digits = [&text] {
    const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  const auto skip = [&text](std::string_view any) {
    const bool there = !text.empty() && any.find(text[0]) != any.npos;
    text.remove_prefix(there);
    return there;
  };
  skip("-");
  if (!skip("0") && !skip_digits())
    return false;
  if (skip(".") && !skip_digits())
    return false;
  if (skip("eE")) {
    skip("+-");
    if (!skip_digits())
      return false;
  }
  return text.empty();
}

std::string bounded(std::string_view number) {
  if (number.find_first_of(".eE") != number.npos)
    return "0.5";
  std::int64_t out = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), out).ec ==
      std::errc::result_out_of_range)
    out = number[0] == '-' ? std::numeric_limits<std::int64_t>::min()
                           : std::numeric_limits<std::int64_t>::max();
  return std::to_string(out);
}

} // namespace

std::string with_bounded_numbers(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = 1;
    if (text[0] == '"') {
      while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      out += text.substr(0, end);
    } else if (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) {
      end = std::min(text.find_first_not_of("0123456789.eE+-"), text.size());
      const auto word = text.substr(0, end);
      out += is_number(word) ? bounded(word) : word;
    } else
      out += text[0];
    text.remove_prefix(end);
  }
  return out;
}

} // namespace hubbub
