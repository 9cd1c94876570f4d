#include "net/origin.hpp"

#include <algorithm>

namespace hubbub {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

/// `host:port` without the port that its scheme implies.
std::string without_default_port(std::string authority, std::string_view scheme) {
  const std::string_view port = scheme == "https" ? ":443" : scheme == "http" ? ":80" : "\n";
  if (authority.ends_with(port))
    authority.resize(authority.size() - port.size());
  return authority;
}

} // namespace

bool origin_allowed(std::string_view origin, std::string_view host,
                    const std::set<std::string>& allowed) {
  if (origin.empty() || allowed.contains("*"))
    return true;
  const auto given = lower(origin);
  if (allowed.contains(given))
    return true;
  const auto mark = given.find("://"); // the host is well-formed, so what equals it is too
  if (mark == given.npos)
    return false;
  const auto scheme = given.substr(0, mark);
  return without_default_port(given.substr(mark + 3), scheme) ==
         without_default_port(lower(host), scheme);
}

} // namespace hubbub
