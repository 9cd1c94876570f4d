#include "net/access/origin.hpp"

#include "storage/ascii_lowercase.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace hubbub {

namespace {

constexpr std::string_view lowercase_letters = "abcdefghijklmnopqrstuvwxyz", digits = "0123456789";
constexpr std::string_view no_origin = "null", files = "file://";

bool consists_of(std::string_view text, std::string_view letters, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letters.find(c) != letters.npos || digits.find(c) != digits.npos ||
           more.find(c) != more.npos;
  });
}

/// The parts of an origin, each in the canonical form that browsers send.
struct origin_parts {
  std::string scheme, host;
  std::string port; ///< With its colon; empty for the scheme's default.

  std::string text(std::string_view before_host = {}) const {
    return scheme + "://" + std::string(before_host) + host + port;
  }
};

/// Returns a host name, or an IPv6 address in brackets in its shortest form (RFC 5952). Returns an
/// empty text for anything else.
std::string canonical_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    boost::system::error_code ec;
    const auto address =
        boost::asio::ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), ec);
    if (ec || address.scope_id() != 0)
      return {};
    return '[' + address.to_string() + ']';
  }
  if (host.starts_with('.') || host.find("..") != host.npos ||
      !consists_of(host, lowercase_letters, ".-_"))
    return {};
  return std::string(host);
}

/// Returns the port with its colon, an empty text for the scheme's default, or nothing for a text
/// that is not a port.
std::optional<std::string> canonical_port(std::string_view port, std::string_view scheme) {
  unsigned number = 0;
  const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (ec != std::errc() || end != port.data() + port.size() || number > 65535)
    return {};
  const unsigned default_port = scheme == "https" ? 443 : scheme == "http" ? 80 : 65536;
  return number == default_port ? "" : ':' + std::to_string(number);
}

/// Parses an origin in lowercase. Throws std::invalid_argument with the reason if the text is not
/// an origin.
origin_parts parse(std::string_view text) {
  const auto mark = text.find("://");
  if (mark == text.npos)
    throw std::invalid_argument("an origin begins with its scheme, such as https://");
  origin_parts out;
  out.scheme = text.substr(0, mark);
  if (out.scheme.empty() || lowercase_letters.find(out.scheme[0]) == out.scheme.npos ||
      !consists_of(out.scheme, lowercase_letters, "+-."))
    throw std::invalid_argument("its scheme is not valid");
  auto authority = text.substr(mark + 3);
  if (authority.find_first_of("/?#") != authority.npos)
    throw std::invalid_argument("an origin has no path");
  if (authority.find('@') != authority.npos)
    throw std::invalid_argument("an origin has no user");
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  if (colon != authority.npos) {
    const auto port = canonical_port(authority.substr(colon + 1), out.scheme);
    if (!port)
      throw std::invalid_argument("its port is not a number from 0 to 65535");
    out.port = *port;
    authority = authority.substr(0, colon);
  }
  out.host = canonical_host(authority);
  if (out.host.empty())
    throw std::invalid_argument("its host is not one that browsers send (in ASCII)");
  return out;
}

std::optional<origin_parts> try_parse(std::string_view text) {
  try {
    return parse(text);
  } catch (const std::invalid_argument&) {
    return {};
  }
}

/// Returns the origin of the given scheme that a Host field names.
std::optional<std::string> origin_of_host(std::string_view host, const std::string& scheme) {
  const auto parts = try_parse(scheme + "://" + to_ascii_lowercase(host));
  return parts ? std::optional(parts->text()) : std::nullopt;
}

} // namespace

void allowed_origins::add(std::string_view entry) {
  auto given = to_ascii_lowercase(entry);
  if (given.ends_with('/') && given != files) // operators write one, browsers do not
    given.pop_back();
  if (given.find_first_of(" \t\r\n;") != given.npos)
    throw std::invalid_argument("origins are separated by commas");
  if (given == "*") {
    any_ = true;
    return;
  }
  if (given == no_origin || given == files) {
    exact_.insert(given);
    return;
  }
  const auto mark = given.find("://"), star = given.find('*');
  if (mark == given.npos || star == given.npos) {
    const auto parts = parse(given);
    if (parts.scheme == "ws" || parts.scheme == "wss")
      throw std::invalid_argument("an origin is that of a page, so it begins with http:// or "
                                  "https://");
    exact_.insert(parts.text());
    return;
  }
  if (star != mark + 3 || given.find('*', star + 1) != given.npos ||
      given.substr(star + 1, 1) != ".")
    throw std::invalid_argument("a star is a whole entry, or the first label of a host, as in "
                                "https://*.example.com");
  const auto parts = parse(given.substr(0, star) + given.substr(star + 2));
  if (parts.host.starts_with('[') || parts.scheme == "ws" || parts.scheme == "wss")
    throw std::invalid_argument("no page can have this origin");
  subdomains_of_.insert(parts.text("."));
}

bool allowed_origins::contains(std::string_view origin) const {
  if (any_)
    return true;
  const auto given = to_ascii_lowercase(origin);
  if (given == no_origin || given == files)
    return exact_.contains(given);
  auto parts = try_parse(given);
  if (!parts)
    return false;
  if (exact_.contains(parts->text()))
    return true;
  if (subdomains_of_.empty())
    return false;
  for (auto dot = parts->host.find('.'); dot != std::string::npos; dot = parts->host.find('.')) {
    parts->host.erase(0, dot + 1);
    if (subdomains_of_.contains(parts->text(".")))
      return true;
  }
  return false;
}

bool origin_allowed(std::string_view origin, std::string_view host,
                    const allowed_origins& allowed) {
  if (origin.empty() || allowed.contains(origin))
    return true;
  const auto parts = try_parse(to_ascii_lowercase(origin));
  return parts && parts->text() == origin_of_host(host, parts->scheme);
}

} // namespace hubbub
