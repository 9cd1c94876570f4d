// Clients that do not read cost bounded memory, disturb no other client, and lose nothing.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("slow reader");

namespace {

constexpr std::size_t mebibyte = 1 << 20;

/// Fails if the hub's memory has grown by half of the bytes that slow readers have not read.
void has_not_grown(std::size_t before, std::size_t after) {
  INFO("from " << before / mebibyte << " to " << after / mebibyte << " MiB");
  if (is_instrumented())
    MESSAGE("the memory of an instrumented hub is not judged");
  else
    CHECK(after < before + 25 * mebibyte);
}

/// A text of nearly 4000 bytes that ends with a number.
std::string long_text(std::size_t i) {
  static const auto points = [] {
    std::string text;
    for (int point = 0; point < 990; ++point)
      text += "😀";
    return text;
  }();
  return points + std::to_string(i);
}

/// Sends unasked pongs. A client that reads nothing answers no ping, and the hub closes such a
/// connection after a minute. On a slow machine these tests take longer than that.
void send_pongs(std::vector<visitor>& sleepers) {
  for (auto& each : sleepers)
    each.send_frame({opcode::pong, ""});
}

/// Sends 50 MB, or less if the hub stops reading.
void flood(visitor& someone, const std::string& frame) {
  std::string burst;
  while (burst.size() < 65536)
    burst += frame;
  try {
    for (std::size_t sent = 0; sent < 50 * mebibyte; sent += burst.size())
      someone.send_raw(burst, 1s);
  } catch (const timeout&) {
    // The hub may stop reading, which is the best protection of its memory.
  }
}

} // namespace

TEST_CASE("a client that stops reading during 50 MB of messages gets all of them later, once and "
          "in order") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", "262144"}}};
  visitor alice{hub};
  std::vector<visitor> sleepers;
  for (int i = 0; i < 2; ++i)
    sleepers.emplace_back(hub, "", connect_options{.receive_buffer = 16384});

  constexpr std::size_t count = 13'000, wave = 250;
  std::size_t before = 0, most = 0;
  for (std::size_t said = 0; said < count; said += wave) {
    std::vector<std::string> texts;
    for (std::size_t i = said; i < said + wave; ++i)
      texts.push_back(long_text(i));
    alice.say_all(texts);
    CHECK(alice.hears_texts(wave) == texts);
    if (said == 4 * wave)
      before = hub.resident();
    most = std::max(most, hub.resident());
    send_pongs(sleepers);
  }
  has_not_grown(before, most);

  for (auto& sleeper : sleepers)
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(sleeper.hears()["text"] == long_text(i));
      if (i % wave == 0)
        send_pongs(sleepers);
    }
  alice.say("now");
  for (auto& sleeper : sleepers)
    CHECK(sleeper.hears()["text"] == "now");
}

TEST_CASE("pings, errors and acks to a client that does not read cost bounded memory") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  std::string frame;
  SUBCASE("pings") {
    frame = encode(ws_frame{opcode::ping, std::string(125, '!')});
  }
  SUBCASE("errors") {
    frame = encode(ws_frame{opcode::text, "{}"});
  }
  SUBCASE("messages") {
    frame = encode(ws_frame{opcode::text, R"({"type":"message","text":"x","key":"the same"})"});
  }
  visitor mallory{hub, "", {.receive_buffer = 16384}};
  mallory.stop_reading();
  auto before = hub.resident();
  flood(mallory, frame);
  has_not_grown(before, hub.resident());
  alice.say("undisturbed");
  while (bob.hears()["text"] != "undisturbed") {
  }
}

TEST_SUITE_END();
