// Addresses of the internet, and networks of them.
// Knows: IPv4 and IPv6, and which addresses are whose. Must not know: who comes from there.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// An address; one of IPv4 is kept as IPv6 has it mapped (RFC 4291, section 2.5.5.2).
using ip = boost::asio::ip::address_v6;

ip as_ip(const boost::asio::ip::address& from);

/// `192.0.2.1` or `2001:db8::1`, without a zone; nothing for any other text.
std::optional<ip> parse_ip(std::string_view text);

/// As people write it: one of IPv4 as such.
std::string text_of(const ip& address);

/// All addresses that begin with the same bits.
class network {
public:
  /// `192.0.2.0/24`, `2001:db8::/32`, or one address; nothing for any other text.
  static std::optional<network> parse(std::string_view text);

  bool contains(const ip& address) const;

private:
  network(const ip& first, unsigned bits) : first_(first), bits_(bits) {}

  ip first_;
  unsigned bits_;
};

using networks = std::vector<network>;

bool any_contains(const networks& all, const ip& address);

/// Whose address it is to reckon: of IPv4 itself, of IPv6 its /64, for that is what one line gets.
ip rate_limit_key(const ip& address);

/// Not of this machine, its link, or a network of one's own or one's provider's (RFC 6890).
bool is_public(const ip& address);

} // namespace hubbub
