#include "net/access/forwarded_address.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

ip of(std::string_view text) {
  const auto address = parse_ip(text);
  REQUIRE(address);
  return *address;
}

networks trusted(std::initializer_list<const char*> all) {
  networks out;
  for (const auto* each : all)
    out.push_back(*network::parse(each));
  return out;
}

/// Who is behind 10.0.0.1 and the other proxies of 10.0.0.0/8 and fd00::/8, by these fields.
std::string behind(std::initializer_list<const char*> fields, const char* peer = "10.0.0.1") {
  request_head head;
  for (const auto* each : fields)
    head.insert("X-Forwarded-For", each);
  return text_of(client_address(of(peer), head, trusted({"10.0.0.0/8", "fd00::/8"})));
}

} // namespace

TEST_CASE("an address is known however it is written, and one of IPv4 stays one") {
  CHECK(text_of(of("192.0.2.1")) == "192.0.2.1");
  CHECK(text_of(of("::ffff:192.0.2.1")) == "192.0.2.1");
  CHECK(text_of(of("2001:DB8:0:0::1")) == "2001:db8::1");
  CHECK(of("::ffff:c000:201") == of("192.0.2.1"));
  for (const auto* wrong : {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", "fe80::1%eth0",
                            "::1::", "localhost", "[::1]", "1.2.3.4:5"})
    CHECK(!parse_ip(wrong));
  CHECK(!parse_ip(std::string_view("1.2.3.4\0", 8)));
}

TEST_CASE("a network has the addresses that begin as it does") {
  const auto has = [](const char* all, const char* one) {
    return network::parse(all)->contains(of(one));
  };
  CHECK(has("192.0.2.0/24", "192.0.2.255"));
  CHECK(has("192.0.2.77/24", "192.0.2.1"));
  CHECK(!has("192.0.2.0/24", "192.0.3.0"));
  CHECK(has("192.0.2.128/25", "192.0.2.128"));
  CHECK(!has("192.0.2.128/25", "192.0.2.127"));
  CHECK(has("192.0.2.1", "192.0.2.1"));
  CHECK(!has("192.0.2.1", "192.0.2.2"));
  CHECK(has("0.0.0.0/0", "255.1.2.3"));
  CHECK(!has("0.0.0.0/0", "2001:db8::1"));
  CHECK(has("::/0", "2001:db8::1"));
  CHECK(has("2001:db8::/33", "2001:db8:7fff::"));
  CHECK(!has("2001:db8::/33", "2001:db8:8000::"));
  for (const auto* wrong : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                            "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0/+8", "10.0.0.0/0x8", "10/8"})
    CHECK(!network::parse(wrong));
}

TEST_CASE("an address counts as itself with IPv4, and as its /64 with IPv6") {
  CHECK(rate_limit_key(of("192.0.2.1")) != rate_limit_key(of("192.0.2.2")));
  CHECK(rate_limit_key(of("::ffff:192.0.2.1")) == rate_limit_key(of("192.0.2.1")));
  CHECK(rate_limit_key(of("2001:db8:1:2:3::4")) == rate_limit_key(of("2001:db8:1:2:ffff::")));
  CHECK(rate_limit_key(of("2001:db8:1:2::")) != rate_limit_key(of("2001:db8:1:3::")));
}

TEST_CASE("public is what is nobody's own network") {
  for (const auto* own : {"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255",
                          "192.168.1.1", "169.254.1.1", "100.64.0.1", "100.127.255.255", "0.0.0.0",
                          "::", "::1", "fe80::1", "fd12::1", "::ffff:10.0.0.1"})
    CHECK_MESSAGE(!is_public(of(own)), own);
  for (const auto* other : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "203.0.113.1",
                            "2001:db8::1", "2600::1", "::ffff:8.8.8.8"})
    CHECK_MESSAGE(is_public(of(other)), other);
}

TEST_CASE("of those on the way the nearest counts that is no trusted proxy") {
  CHECK(behind({"203.0.113.7"}) == "203.0.113.7");
  CHECK(behind({"198.51.100.1, 203.0.113.7"}) == "203.0.113.7");
  CHECK(behind({"203.0.113.7, 10.0.0.9"}) == "203.0.113.7");
  CHECK(behind({"198.51.100.1", "203.0.113.7", "10.0.0.9, fd00::1"}) == "203.0.113.7");
  CHECK(behind({"10.0.0.7, 10.0.0.8"}) == "10.0.0.7");
  CHECK(behind({" ,203.0.113.7,\t, "}) == "203.0.113.7");
  CHECK(behind({}) == "10.0.0.1");
  CHECK(behind({""}) == "10.0.0.1");
}

TEST_CASE("who is no trusted proxy is who it is, whatever it says") {
  CHECK(behind({"203.0.113.7"}, "192.0.2.1") == "192.0.2.1");
  CHECK(behind({"10.0.0.1"}, "2001:db8::1") == "2001:db8::1");
}

TEST_CASE("ports and brackets are passed over") {
  CHECK(behind({"203.0.113.7:4711"}) == "203.0.113.7");
  CHECK(behind({"2001:db8::7"}) == "2001:db8::7");
  CHECK(behind({"[2001:db8::7]"}) == "2001:db8::7");
  CHECK(behind({"[2001:db8::7]:4711"}) == "2001:db8::7");
  CHECK(behind({"203.0.113.7, 10.0.0.9:80, [fd00::1]:80"}) == "203.0.113.7");
}

TEST_CASE("nonsense that counts leaves the peer's own address, and nonsense behind it nothing") {
  for (const auto* wrong : {"unknown", "_hidden", "203.0.113.7:", "203.0.113.7:x",
                            "203.0.113.7:123456", "[203.0.113.7]", "[2001:db8::7", "[2001:db8::7]x",
                            "[2001:db8::7]:", "203.0.113.7 198.51.100.1", "\"203.0.113.7\"",
                            "for=203.0.113.7", "fe80::1%1", "203.0.113.7, nonsense"})
    CHECK_MESSAGE(behind({wrong}) == "10.0.0.1", wrong);
  CHECK(behind({"nonsense, 203.0.113.7"}) == "203.0.113.7");
}
