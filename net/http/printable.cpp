#include "net/http/printable.hpp"

#include <algorithm>

namespace hubbub {

namespace {

constexpr std::size_t max_segment = 24;

/// The unreserved characters of RFC 3986, section 2.3.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

} // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text.substr(0, max_bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\')
      out += c;
    else
      (out += "\\x") += {digits[byte >> 4], digits[byte & 15]};
  }
  return out + (text.size() > max_bytes ? "...\"" : "\"");
}

std::string printable_path(std::string_view target) {
  std::string out;
  auto at = target.begin();
  while (at != target.end() && (*at == '/' || is_unreserved(*at))) {
    const auto end = std::find_if_not(at, target.end(), is_unreserved);
    if (std::size_t(end - at) > max_segment)
      out += "...";
    else
      out.append(at, end);
    at = end;
    if (at != target.end() && *at == '/')
      out += *at++;
  }
  if (at != target.end() && *at != '?')
    out += "...";
  return printable(out);
}

} // namespace hubbub
