// IP addresses and networks.
// Knows: IPv4 and IPv6, and which addresses are public. Must not know: clients.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// An address. An IPv4 address is kept as an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2).
using ip = boost::asio::ip::address_v6;

ip as_ip(const boost::asio::ip::address& from);

/// Parses `192.0.2.1` or `2001:db8::1`, without a zone. Returns nothing for any other text.
std::optional<ip> parse_ip(std::string_view text);

/// Returns the usual text of an address, for IPv4 the dotted one.
std::string text_of(const ip& address);

/// All addresses with a common prefix.
class network {
public:
  /// Parses `192.0.2.0/24`, `2001:db8::/32`, or one address. Returns nothing for any other text.
  static std::optional<network> parse(std::string_view text);

  bool contains(const ip& address) const;

private:
  network(const ip& first, unsigned bits) : first_(first), bits_(bits) {}

  ip first_;
  unsigned bits_;
};

using networks = std::vector<network>;

bool any_contains(const networks& all, const ip& address);

/// Returns the rate-limit key of an address: IPv4 as /32, and IPv6 as /64, because a provider gives
/// each customer a /64.
ip rate_limit_key(const ip& address);

/// Returns whether the address is public: not of this machine, its link, a private network or a
/// provider's network (RFC 6890).
bool is_public(const ip& address);

} // namespace hubbub
