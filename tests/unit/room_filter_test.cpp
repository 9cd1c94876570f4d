// Names and patterns of rooms in a token.
#include "actors/room_filter.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace hubbub;

TEST_SUITE_BEGIN("room filter");

TEST_CASE("a name allows itself alone") {
  const room_filter some({"lobby", "team-1", "lobby", "b"});
  for (const auto* room : {"lobby", "team-1", "b"})
    CHECK(some.allows(room));
  for (const auto* room : {"", "a", "c", "lobb", "lobby2", "Lobby", "team-", "team-11", "z"})
    CHECK_FALSE(some.allows(room));
}

TEST_CASE("a pattern allows all rooms that begin with it") {
  const room_filter some({"team-*", "lobby", "team-a*", "x*"});
  for (const auto* room : {"team-", "team-1", "team-a", "team-ab", "team-z", "lobby", "x", "xyz"})
    CHECK(some.allows(room));
  for (const auto* room : {"team", "Team-1", "teams", "lobby2", "w", "y", ""})
    CHECK_FALSE(some.allows(room));
}

TEST_CASE("a star alone allows all rooms, and no entry allows none") {
  CHECK(room_filter({"lobby", "*", "team-*"}).allows("anything"));
  CHECK_FALSE(room_filter({}).allows("lobby"));
  CHECK(allows(nullptr, "lobby"));
  CHECK_FALSE(allows(std::make_shared<room_filter>(std::vector<std::string>{}), "lobby"));
}

TEST_CASE("a star elsewhere than at the end is no pattern") {
  const room_filter some({"a*b", "*c", "d**"});
  for (const auto* room : {"ab", "axb", "c", "xc", "d", "dx"})
    CHECK_FALSE(some.allows(room));
}

TEST_CASE("names and patterns are compared by the normalized form") {
  const room_filter some({"cafe\xCC\x81", "te\xCC\x81-*"});
  CHECK(some.allows("caf\xC3\xA9"));
  CHECK(some.allows("t\xC3\xA9-1"));
  CHECK_FALSE(some.allows("cafe"));
  CHECK_FALSE(some.allows("te-1"));
}

TEST_CASE("any set of entries allows what one of its entries allows") {
  std::mt19937 dice(20260203);
  const auto text = [&dice] {
    std::string out;
    for (auto size = dice() % 5; size-- > 0;)
      out += char('a' + dice() % 3);
    return out;
  };
  int allowed = 0, forbidden = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<std::string> entries(dice() % 8);
    for (auto& each : entries)
      each = text() + (dice() % 3 ? "" : "*");
    const room_filter all(entries);
    for (int j = 0; j < 100; ++j) {
      const auto room = text();
      bool expected = false;
      for (const auto& each : entries)
        expected = expected || each == room ||
                   (each.ends_with('*') && room.starts_with(each.substr(0, each.size() - 1)));
      CAPTURE(room);
      REQUIRE(all.allows(room) == expected);
      ++(expected ? allowed : forbidden);
    }
  }
  CHECK(allowed > 1000);
  CHECK(forbidden > 1000);
}

TEST_SUITE_END();
