// The limits of one client address on requests and connections, and which proxies may name the
// client address.
#include "tests/server/exposition.hpp"
#include "tests/server/token_bucket.hpp"
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("address");

namespace {

headers from(const std::string& address) {
  return {{"X-Forwarded-For", address}};
}

int status(const hub& of, const headers& fields) {
  return fetch(of.port(), request{"GET", "/", fields}).status;
}

/// Sends requests, 100 with each write so that a slow machine also reaches the limit, until the hub
/// refuses one or has served `tries`. Returns the number of served requests and the last response.
std::pair<int, response> request_until_refused(connection& client, std::uint16_t port,
                                               int tries = 100, const headers& fields = {}) {
  std::string hundred, bytes;
  for (int i = 0; i < 100; ++i)
    hundred += encode(request{"GET", "/ws-info", fields}, port);
  response last;
  for (int served = 0; served < tries; ++served) {
    if (served % 100 == 0)
      client.send(hundred);
    last = receive(client, bytes);
    if (last.status != 200)
      return {served, std::move(last)};
  }
  return {tries, std::move(last)};
}

int served_requests(const hub& of, const headers& fields, int tries) {
  connection client{of.port()};
  return request_until_refused(client, of.port(), tries, fields).first;
}

std::string address_of(const hub& of, const std::string& connection) {
  const auto told = fetch(of.port(), "/ws-info?connections=1").json();
  for (const auto& each : told["connections"])
    if (each["connection_id"] == connection)
      return each["address"];
  return "";
}

} // namespace

TEST_CASE("an address with too many requests gets 429 and a close, and another address is served") {
  sqlite db;
  hub hub{db, {{"OPENS_PER_IP", "5"}}};
  const auto began = deadline::clock::now();
  connection client{hub.port(), {.from = "127.0.0.2"}};
  const auto [served, last] = request_until_refused(client, hub.port());
  REQUIRE(served < 100);
  CHECK(served >= 10); // the capacity of the bucket is twice the rate
  CHECK(served <= allowed(5, began));
  CHECK(last.status == 429);
  CHECK(std::stoi(last.field("Retry-After")) > 0);
  CHECK(problem_of(last)["code"] == "too_fast");
  CHECK(last.json()["detail"] == "There are too many requests from this address");
  CHECK(last.field("Connection") == "close");
  CHECK(client.read_until_closed() == "");
  CHECK(!client.was_reset());
  // A slow machine may refill the bucket between the last request and the WebSocket.
  eventually("a WebSocket to be refused right after that", [&] {
    connection again{hub.port(), {.from = "127.0.0.2"}};
    request_until_refused(again, hub.port());
    try {
      ws_client{hub.port(), "/ws", {}, {.from = "127.0.0.2"}};
      return false;
    } catch (const refused&) {
      return true;
    }
  });
  visitor alice{hub, "", {.from = "127.0.0.3"}};
  eventually("the next second", [&] {
    try {
      ws_client{hub.port(), "/ws", {}, {.from = "127.0.0.2"}};
      return true;
    } catch (const refused& no) {
      CHECK(no.answer.status == 429);
      return false;
    }
  });
  CHECK(scrape(hub).at("hubbub_address_excess_total{of=\"opens\"}") >= 2);
}

TEST_CASE("closing a connection does not use up a limit") {
  sqlite db;
  hub hub{db, {{"OPENS_PER_IP", "3"}}};
  for (int i = 0; i < 20; ++i) {
    connection silent{hub.port()};
    silent.finish();
    CHECK(silent.read_until_closed() == "");
  }
  for (int i = 0; i < 6; ++i) {
    connection client{hub.port()};
    std::string bytes;
    client.send(encode(request{"GET", "/ws-info", {}}, hub.port()));
    CHECK(receive(client, bytes).status == 200);
    client.finish();
    CHECK(client.read_until_closed() == "");
  }
}

TEST_CASE("by default, limits apply to public addresses only") {
  sqlite db;
  hub hub{db, {{"TRUSTED_PROXIES", "127.0.0.1"}}};
  CHECK(served_requests(hub, {}, 300) == 300);
  CHECK(served_requests(hub, from("10.0.0.1"), 300) == 300);
  CHECK(served_requests(hub, from("fd00::1"), 300) == 300);
  const int few = served_requests(hub, from("203.0.113.1"), 2000);
  CHECK(few >= 200);
  CHECK(few < 2000);
  CHECK(status(hub, from("203.0.113.2")) == 200);
}

TEST_CASE("a limit of 0 means no limit, for public addresses too") {
  sqlite db;
  hub hub{db, {{"TRUSTED_PROXIES", "127.0.0.1"}, {"OPENS_PER_IP", "0"}}};
  CHECK(served_requests(hub, from("203.0.113.1"), 600) == 600);
}

TEST_CASE("an IPv6 /64 counts as one address") {
  sqlite db;
  hub hub{db, {{"TRUSTED_PROXIES", "127.0.0.1"}, {"MAX_CONNECTIONS_PER_IP", "2"}}};
  visitor one{hub, "", {}, from("2001:db8::1")}, two{hub, "", {}, from("2001:db8::ffff:2")};
  try {
    visitor three{hub, "", {}, from("[2001:db8::3]:4711")};
    FAIL("a connection over the limit was accepted");
  } catch (const refused& no) {
    CHECK(no.answer.status == 429);
  }
  visitor other{hub, "", {}, from("2001:db8:0:1::1")}, fourth{hub, "", {}, from("192.0.2.1")};
  one.leave();
  eventually("room for another connection", [&] {
    try {
      visitor three{hub, "", {}, from("2001:db8::3")};
      return true;
    } catch (const refused&) {
      return false;
    }
  });
  CHECK(scrape(hub).at("hubbub_address_excess_total{of=\"connections\"}") >= 1);
}

TEST_CASE("behind a trusted proxy the client address is used for limits and shown to operators") {
  sqlite db;
  hub hub{db, {{"TRUSTED_PROXIES", "192.0.2.0/24, 127.0.0.1"}}};
  visitor alice{hub, "", {}, from("198.51.100.66, 203.0.113.7, 192.0.2.9")};
  CHECK(address_of(hub, alice.id()) == "203.0.113.7");
  visitor several{
      hub, "", {}, {{"X-Forwarded-For", "203.0.113.8"}, {"X-Forwarded-For", "192.0.2.1:80"}}};
  CHECK(address_of(hub, several.id()) == "203.0.113.8");
  visitor broken{hub, "", {}, from("nonsense")};
  CHECK(address_of(hub, broken.id()) == "127.0.0.1");
  visitor none{hub};
  CHECK(address_of(hub, none.id()) == "127.0.0.1");
  CHECK_THROWS_AS((ws_client{hub.port(), "/ws?room=no/room", from("203.0.113.9")}), refused);
  hub.stop();
  const auto log = hub.server().output(stream::out);
  INFO(log);
  CHECK(log.find("a WebSocket is refused with 400, ") != log.npos);
  CHECK(log.find(", from 203.0.113.9\n") != log.npos);
}

TEST_CASE("X-Forwarded-For from any other address does not evade a limit") {
  sqlite db;
  hub hub{db, {{"TRUSTED_PROXIES", "127.0.0.9"}, {"OPENS_PER_IP", "5"}}};
  visitor alice{hub, "", {.from = "127.0.0.2"}, from("203.0.113.7")};
  CHECK(address_of(hub, alice.id()) == "127.0.0.2");
  int served = 0;
  while (status(hub, from("203.0.113." + std::to_string(served))) == 200)
    REQUIRE(++served < 100);
  CHECK(served >= 5);
}

TEST_SUITE_END();
