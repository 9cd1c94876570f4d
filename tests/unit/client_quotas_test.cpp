#include "net/access/client_quotas.hpp"

#include <doctest/doctest.h>

using namespace hubbub;
using namespace std::chrono_literals;

namespace {

const client_quota::clock::time_point start{1h};

const address_limits strict{.opens = 10, .frames = 100, .refused = 10, .refused_at_once = 50};

ip of(const std::string& text) {
  return *parse_ip(text);
}

ip neighbour(unsigned number) {
  ip::bytes_type bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[4] = static_cast<unsigned char>(number >> 16);
  bytes[5] = static_cast<unsigned char>(number >> 8);
  bytes[6] = static_cast<unsigned char>(number);
  return ip(bytes);
}

int opens(client_quota& from, client_quota::clock::time_point now, int tries) {
  int out = 0;
  while (tries-- > 0)
    out += from.take_open(now);
  return out;
}

} // namespace

TEST_CASE("each IPv4 address and each IPv6 /64 has a rate of its own") {
  client_quotas all(strict, strict, {});
  const auto one = all.quota_of(of("203.0.113.1"), start),
             other = all.quota_of(of("203.0.113.2"), start);
  CHECK(opens(*one, start, 100) == 20);
  CHECK(opens(*other, start, 100) == 20);
  CHECK(all.quota_of(of("203.0.113.1"), start) == one);
  const auto home = all.quota_of(of("2001:db8::1"), start);
  CHECK(all.quota_of(of("2001:db8::ffff:2"), start) == home);
  CHECK(all.quota_of(of("2001:db8:0:1::1"), start) != home);
}

TEST_CASE("public addresses and other addresses have different limits") {
  client_quotas all(strict, {}, {});
  CHECK(opens(*all.quota_of(of("127.0.0.1"), start), start, 100) == 100);
  CHECK(opens(*all.quota_of(of("10.0.0.1"), start), start, 100) == 100);
  CHECK(opens(*all.quota_of(of("203.0.113.1"), start), start, 100) == 20);
}

TEST_CASE("a proxy has no limits, and the clients behind it have") {
  client_quotas all(strict, strict, {*network::parse("10.0.0.0/8")});
  const auto proxy = all.peer(of("10.0.0.1"));
  CHECK(opens(*proxy.quota, start, 100) == 100);
  request_head head;
  CHECK(all.client_of(proxy, head).quota == proxy.quota);
  head.set("X-Forwarded-For", "203.0.113.1");
  const auto client = all.client_of(proxy, head);
  CHECK(text_of(client.address) == "203.0.113.1");
  CHECK(client.quota == all.quota_of(of("203.0.113.1")));
  const auto direct = all.peer(of("203.0.113.2"));
  CHECK(all.client_of(direct, head).quota == direct.quota);
}

TEST_CASE("a client that leaves and comes back at once has no more than before") {
  client_quotas all(strict, strict, {});
  CHECK(opens(*all.quota_of(of("203.0.113.1"), start), start, 100) == 20);
  CHECK(opens(*all.quota_of(of("203.0.113.1"), start), start, 100) == 0);
  CHECK(opens(*all.quota_of(of("203.0.113.1"), start), start + 1s, 100) == 10);
}

TEST_CASE("almost no address that came once is remembered") {
  client_quotas all(strict, strict, {});
  const auto stays = all.quota_of(of("203.0.113.1"), start);
  auto now = start;
  std::size_t most = 0;
  for (unsigned i = 0; i < 300'000; ++i, now += 100us) {
    all.quota_of(neighbour(i), now)->take_open(now);
    most = std::max(most, all.size());
  }
  CHECK(most < 5'000);
  CHECK(all.quota_of(of("203.0.113.1"), now) == stays);
}

TEST_CASE("addresses that come faster than they are forgotten are remembered up to a bound") {
  client_quotas all(strict, strict, {});
  for (unsigned i = 0; i < 300'000; ++i)
    opens(*all.quota_of(neighbour(i), start), start, 1);
  CHECK(all.size() < 2 * client_quotas::max_idle);
  CHECK(all.quota_of(neighbour(400'000), start) == all.quota_of(neighbour(400'001), start));
  const auto later = start + 10s;
  CHECK(all.quota_of(neighbour(400'000), later) != all.quota_of(neighbour(400'001), later));
  CHECK(all.size() < 10);
}
