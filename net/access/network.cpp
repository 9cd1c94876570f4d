#include "net/access/network.hpp"

#include <algorithm>
#include <charconv>

namespace hubbub {

namespace {

namespace asio = boost::asio;

constexpr unsigned mapped_bits = 96; ///< The prefix length of ::ffff:0:0/96.

ip network_prefix(const ip& address, unsigned bits) {
  auto bytes = address.to_bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto kept = std::clamp(int(bits) - int(8 * i), 0, 8);
    bytes[i] = static_cast<unsigned char>(bytes[i] & (0xff00 >> kept));
  }
  return ip(bytes);
}

} // namespace

ip as_ip(const asio::ip::address& from) {
  if (from.is_v4())
    return asio::ip::make_address_v6(asio::ip::v4_mapped, from.to_v4());
  return ip(from.to_v6().to_bytes()); // without the zone
}

std::optional<ip> parse_ip(std::string_view text) {
  if (text.size() > 45 || text.find_first_of(std::string_view("%\0", 2)) != text.npos)
    return {};
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(std::string(text), ec);
  if (ec)
    return {};
  return as_ip(address);
}

std::string text_of(const ip& address) {
  if (address.is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address).to_string();
  return address.to_string();
}

std::optional<network> network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address)
    return {};
  const bool v4 = text.substr(0, slash).find(':') == text.npos;
  const unsigned max_bits = v4 ? 32 : 128;
  unsigned bits = max_bits;
  if (slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > max_bits)
      return {};
  }
  bits += v4 ? mapped_bits : 0;
  return network(network_prefix(*address, bits), bits);
}

bool network::contains(const ip& address) const {
  return network_prefix(address, bits_) == first_;
}

bool any_contains(const networks& all, const ip& address) {
  return std::any_of(all.begin(), all.end(),
                     [&](const network& each) { return each.contains(address); });
}

ip rate_limit_key(const ip& address) {
  return address.is_v4_mapped() ? address : network_prefix(address, 64);
}

bool is_public(const ip& address) {
  static const auto non_public = [] {
    networks all;
    for (const auto* each :
         {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
          "172.16.0.0/12", "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"})
      all.push_back(*network::parse(each));
    return all;
  }();
  return !any_contains(non_public, address);
}

} // namespace hubbub
