// One address attacks with all that it has. The others go on as before, the memory stays within its
// limit, and the log stays short.
#include "tests/server/siege.hpp"

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

auto one_room(std::size_t) {
  return upgrade_request("/ws?room=camp");
}

auto own_room(std::size_t number) {
  return upgrade_request("/ws?room=r" + std::to_string(number));
}

/// They are in, and were told that it is enough.
bool began(const attack& foe) {
  return foe.let_in() >= 20 && foe.sent() > 1'000'000;
}

/// Each has come, or was cut before it had an answer: on a busy machine one may be too slow for the
/// hub, which does not wait for a request for ever.
bool all_came(const attack& foe) {
  return foe.answered() + foe.unheard() >= usual().crowd_size;
}

bool most_are_in(const attack& foe) {
  return foe.let_in() >= usual().crowd_size / 10 * 9;
}

} // namespace

TEST_CASE("five thousand sockets that say nothing take memory, and nothing else") {
  siege city{{{"OPENS_PER_IP", "0"}}};
  city.under({.connections = usual().crowd_size, .opening = one_room}, all_came,
             [](const attack& foe) {
               CHECK(most_are_in(foe));
               CHECK(foe.inside() == foe.let_in());
             });
}

TEST_CASE("five thousand sockets that all speak are heard as much as one address may say") {
  siege city{{{"OPENS_PER_IP", "0"}}};
  city.under({.connections = usual().crowd_size, .opening = own_room, .again = message("hello")},
             all_came, [&](const attack& foe) {
               CHECK(most_are_in(foe));
               city.exceeds("hubbub_frames_refused_total{code=\"too_fast\"}", 1000);
               city.closes(100);
             });
}

TEST_CASE("five thousand sockets that all speak, where nobody counts them, wait for each other") {
  siege city{{{"OPENS_PER_IP", "0"}, {"RATE_LIMIT_PER_IP", "0"}}};
  city.under(
      {.connections = usual().crowd_size, .opening = own_room, .again = message("hello")}, all_came,
      [&](const attack& foe) {
        CHECK(most_are_in(foe));
        city.exceeds("hubbub_messages_stored_total", usual().frames_per_address);
      },
      3 * usual().floor_ms); // a batch of theirs, and not all that they said: that is seconds
}

TEST_CASE("heads that are never finished keep nobody out") {
  siege city;
  const auto half = [](std::size_t) { return std::string{"GET / HTTP/1.1\r\nHost: 127"}; };
  city.under(
      {.connections = usual().crowd_size, .opening = half, .returns = true},
      [](const attack& foe) { return foe.opened() >= usual().crowd_size; },
      [&](attack& foe) {
        eventually("some to be sent away", [&] { return foe.ended() > 0; });
        city.is_healthy();
        city.exceeds("hubbub_address_excess_total{of=\"sockets\"}", 0);
      });
}

TEST_CASE("a hundred thousand rooms are not opened by one address") {
  siege city;
  city.under(
      {.connections = 200, .opening = own_room, .leaves = true},
      [](const attack& foe) { return foe.answered() > 1000; },
      [&](attack& foe) {
        CHECK(double(foe.let_in()) <= city.opens_by_now());
        CHECK(city.figure("hubbub_rooms") < 1000);
      });
}

TEST_CASE("a hundred thousand rooms that come and go, where nobody counts them, leave nothing") {
  siege city{{{"OPENS_PER_IP", "0"}}};
  city.under(
      {.connections = 100, .opening = own_room, .leaves = true},
      [](const attack& foe) { return foe.let_in() > 5 * usual().crowd_size; },
      [](attack& foe) { CHECK(foe.inside() <= 100); });
}

TEST_CASE("garbage as fast as it goes is not read for long") {
  std::string garbage;
  SUBCASE("in the largest frames") {
    garbage = repeated(text(std::string(16'000, 'x')), 8);
  }
  SUBCASE("in the smallest frames") {
    garbage = repeated(text("x"), 10'000);
  }
  SUBCASE("in the smallest pieces of frames") {
    garbage = encode(ws_frame{opcode::text, "", false}) +
              repeated(encode(ws_frame{opcode::continuation, "x", false}), 20'000);
  }
  SUBCASE("in pings") {
    garbage = repeated(encode(ws_frame{opcode::ping, ""}), 10'000);
  }
  siege city;
  city.under({.connections = 50, .opening = one_room, .again = garbage, .returns = true}, began,
             [&](attack&) { city.closes(20); });
}

TEST_CASE("garbage that is no HTTP is answered for a while, and then no more") {
  siege city;
  const std::string garbage(65'536, 'x');
  city.under(
      {.connections = 50,
       .opening = [&](std::size_t) { return garbage; },
       .again = garbage,
       .returns = true},
      [](const attack& foe) { return foe.sent() > 10'000'000; },
      [&](attack& foe) {
        CHECK(double(foe.answered()) <= city.opens_by_now());
        eventually("more to come than are answered",
                   [&] { return foe.opened() > foe.answered() + 100; });
      });
}

TEST_CASE("the largest legal messages are stored and shown as fast as one address may say them") {
  std::string largest;
  SUBCASE("as they are") {
    largest = message(repeated("😀", 1000));
  }
  SUBCASE("escaped") {
    largest = message(repeated(R"(\ud83d\ude00)", 1000));
  }
  siege city;
  city.under({.connections = 50, .opening = one_room, .again = largest, .returns = true}, began,
             [&](attack&) {
               city.exceeds("hubbub_messages_stored_total", 3 * usual().frames_per_address);
               city.closes(20);
             });
}

TEST_CASE("requests that cost much are not answered without end") {
  siege city;
  const auto ask = get("/messages?room=quiet1&limit=200");
  city.under(
      {.connections = 50,
       .opening = [&](std::size_t) { return ask; },
       .again = repeated(ask, 50),
       .returns = true},
      [](const attack& foe) { return foe.ended() > 100; },
      [&](attack&) { city.exceeds("hubbub_address_excess_total{of=\"opens\"}", 100); });
}

TEST_SUITE_END();
