// One address attacks the hub as fast as it can. Clients of other addresses are not disturbed, the
// memory stays within its limit, and the log stays short.
#include "tests/server/attacked_hub.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("flood");

namespace {

std::string repeated(const std::string& what, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += what;
  return all;
}

std::string text(const std::string& payload) {
  return encode(ws_frame{opcode::text, payload});
}

std::string message(const std::string& text_json) {
  return text(R"({"type":"message","text":")" + text_json + "\"}");
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
}

auto shared_room(std::size_t) {
  return upgrade_request("/ws?room=camp");
}

auto own_room(std::size_t number) {
  return upgrade_request("/ws?room=r" + std::to_string(number));
}

/// At least 20 connections are open and have sent more than the hub accepts from one address.
bool is_under_way(const attack& attacker) {
  return attacker.upgraded() >= 20 && attacker.sent() > 1'000'000;
}

/// Every connection was let in. One for which the hub has no time yet on a busy machine is opened
/// again.
bool all_are_let_in(const attack& attacker) {
  return attacker.upgraded() >= test_scale().attackers;
}

} // namespace

TEST_CASE("5000 silent connections of one address cost memory only") {
  attacked_hub target{{{"OPENS_PER_IP", "0"}}};
  target.attack_with(
      {.connections = test_scale().attackers, .request = shared_room, .reconnects = true},
      all_are_let_in,
      [](const attack& attacker) { CHECK(attacker.ended() == attacker.unanswered()); });
}

TEST_CASE("5000 connections of one address send no more than the limit of one address") {
  attacked_hub target{{{"OPENS_PER_IP", "0"}}};
  target.attack_with({.connections = test_scale().attackers,
                      .request = own_room,
                      .repeated = message("hello"),
                      .reconnects = true},
                     all_are_let_in, [&](const attack&) {
                       target.wait_until_above("hubbub_frames_refused_total{code=\"too_fast\"}",
                                               1000);
                       target.wait_for_closes(100);
                     });
}

TEST_CASE("5000 connections of one address without a limit delay one another, and others by one "
          "batch only") {
  attacked_hub target{{{"OPENS_PER_IP", "0"}, {"RATE_LIMIT_PER_IP", "0"}}};
  target.attack_with(
      {.connections = test_scale().attackers,
       .request = own_room,
       .repeated = message("hello"),
       .reconnects = true},
      all_are_let_in,
      [&](const attack&) {
        target.wait_until_above("hubbub_messages_stored_total", test_scale().frames_per_address);
      },
      // One batch of the attack may come first. All its messages would take seconds.
      3 * test_scale().allowed_ms);
}

TEST_CASE("requests that are never finished keep no other client out") {
  attacked_hub target;
  const auto half = [](std::size_t) { return std::string{"GET / HTTP/1.1\r\nHost: 127"}; };
  target.attack_with(
      {.connections = test_scale().attackers,
       .handshakes = test_scale().attackers,
       .request = half,
       .reconnects = true},
      [](const attack& attacker) { return attacker.opened() >= test_scale().attackers; },
      [&](attack& attacker) {
        eventually("some connections to be closed", [&] { return attacker.ended() > 0; });
        target.wait_until_healthy();
        target.wait_until_above("hubbub_address_excess_total{of=\"sockets\"}", 0);
      });
}

TEST_CASE("one address cannot open 100,000 rooms") {
  attacked_hub target;
  target.attack_with(
      {.connections = 200, .request = own_room, .resets_when_answered = true},
      [](const attack& attacker) { return attacker.answered() > 1000; },
      [&](attack& attacker) {
        CHECK(double(attacker.upgraded()) <= target.opens_by_now());
        CHECK(target.metric("hubbub_rooms") < 1000);
      });
}

TEST_CASE("rooms that one address opens and leaves without a limit leave nothing behind") {
  attacked_hub target{{{"OPENS_PER_IP", "0"}}};
  target.attack_with(
      {.connections = 100, .request = own_room, .resets_when_answered = true},
      [](const attack& attacker) { return attacker.upgraded() > 5 * test_scale().attackers; },
      [](attack& attacker) { CHECK(attacker.open_now() <= 100); });
}

TEST_CASE("a client that floods the hub with bad frames is closed") {
  std::string garbage;
  SUBCASE("in the largest frames") {
    garbage = repeated(text(std::string(16'000, 'x')), 8);
  }
  SUBCASE("in the smallest frames") {
    garbage = repeated(text("x"), 10'000);
  }
  SUBCASE("in the smallest fragments") {
    garbage = encode(ws_frame{opcode::text, "", false}) +
              repeated(encode(ws_frame{opcode::continuation, "x", false}), 20'000);
  }
  SUBCASE("in pings") {
    garbage = repeated(encode(ws_frame{opcode::ping, ""}), 10'000);
  }
  attacked_hub target;
  target.attack_with(
      {.connections = 50, .request = shared_room, .repeated = garbage, .reconnects = true},
      is_under_way, [&](attack&) { target.wait_for_closes(20); });
}

TEST_CASE("bytes that are not HTTP are answered up to the limit, and then no more") {
  attacked_hub target;
  const std::string garbage(65'536, 'x');
  target.attack_with(
      {.connections = 50,
       .request = [&](std::size_t) { return garbage; },
       .repeated = garbage,
       .reconnects = true},
      [](const attack& attacker) { return attacker.sent() > 10'000'000; },
      [&](attack& attacker) {
        CHECK(double(attacker.answered()) <= target.opens_by_now());
        eventually("the hub to leave connections unanswered",
                   [&] { return attacker.opened() > attacker.answered() + 100; });
      });
}

TEST_CASE("the largest allowed messages are stored as fast as the limit of one address allows") {
  std::string largest;
  SUBCASE("not escaped") {
    largest = message(repeated("😀", 1000));
  }
  SUBCASE("escaped") {
    largest = message(repeated(R"(\ud83d\ude00)", 1000));
  }
  attacked_hub target;
  target.attack_with(
      {.connections = 50, .request = shared_room, .repeated = largest, .reconnects = true},
      is_under_way, [&](attack&) {
        target.wait_until_above("hubbub_messages_stored_total",
                                3 * test_scale().frames_per_address);
        target.wait_for_closes(20);
      });
}

TEST_CASE("expensive requests of one address are limited") {
  attacked_hub target;
  const auto ask = get("/messages?room=quiet1&limit=200");
  target.attack_with(
      {.connections = 50,
       .request = [&](std::size_t) { return ask; },
       .repeated = repeated(ask, 50),
       .reconnects = true},
      [](const attack& attacker) { return attacker.ended() > 100; },
      [&](attack&) { target.wait_until_above("hubbub_address_excess_total{of=\"opens\"}", 100); });
}

TEST_SUITE_END();
