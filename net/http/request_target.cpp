#include "net/http/request_target.hpp"

#include <algorithm>

namespace hubbub {

namespace {

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  const char small = char(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Decodes `%XX`. A `%` without two hexadecimal digits behind it stays.
std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += char(high * 16 + low);
      i += 2;
    } else
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

std::vector<query_parameter> parse_query(std::string_view text) {
  std::vector<query_parameter> out;
  while (!text.empty()) {
    const auto one = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (one.empty())
      continue;
    const auto name = one.substr(0, one.find('='));
    const auto value = one.substr(std::min(name.size() + 1, one.size()));
    out.push_back({percent_decode(name, true), percent_decode(value, true)});
  }
  return out;
}

} // namespace

const std::string* request_target::find(std::string_view name) const {
  const auto at = std::find_if(query.begin(), query.end(),
                               [&](const query_parameter& each) { return each.name == name; });
  return at == query.end() ? nullptr : &at->value;
}

std::optional<request_target> parse_target(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  if (!path.starts_with('/') || path.find_first_of("\"<>\\`{}") != path.npos ||
      !std::all_of(target.begin(), target.end(), [](char c) { return is_visible(c) && c != '#'; }))
    return {};
  request_target out;
  out.path = percent_decode(path, false);
  out.slashes_plain = std::count(path.begin(), path.end(), '/') ==
                      std::count(out.path.begin(), out.path.end(), '/');
  if (path.size() < target.size())
    out.query = parse_query(target.substr(path.size() + 1));
  return out;
}

} // namespace hubbub
