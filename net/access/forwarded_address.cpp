#include "net/access/forwarded_address.hpp"

#include <algorithm>

namespace hubbub {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto from = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Parses `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
std::optional<ip> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    const auto host = text.substr(1, end == text.npos ? end : end - 1);
    if (end == text.npos || host.find(':') == host.npos ||
        (end + 1 < text.size() && (text[end + 1] != ':' || !is_port(text.substr(end + 2)))))
      return {};
    return parse_ip(host);
  }
  if (const auto colon = text.find(':'); colon != text.npos && text.rfind(':') == colon)
    return is_port(text.substr(colon + 1)) ? parse_ip(text.substr(0, colon)) : std::nullopt;
  return parse_ip(text);
}

} // namespace

ip client_address(const ip& peer, const request_head& head, const networks& trusted) {
  if (!any_contains(trusted, peer))
    return peer;
  std::string list;
  for (auto [at, end] = head.equal_range("X-Forwarded-For"); at != end; ++at)
    list.append(",").append(at->value().data(), at->value().size());
  auto nearest = peer;
  for (std::string_view left(list); !left.empty();) {
    const auto comma = left.rfind(',');
    const auto element = trimmed(left.substr(comma + 1));
    left = left.substr(0, comma);
    if (element.empty())
      continue;
    const auto node = parse_node(element);
    if (!node)
      return peer;
    nearest = *node;
    if (!any_contains(trusted, nearest))
      return nearest;
  }
  return nearest;
}

} // namespace hubbub
