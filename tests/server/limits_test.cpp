// The limits on the number of connections. Refused clients do not disturb connected ones.
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("limits");

TEST_CASE("a client over MAX_CONNECTIONS gets 503, and connected clients are not disturbed") {
  sqlite db;
  hub hub{db, {{"MAX_CONNECTIONS", "3"}}};
  std::vector<visitor> inside;
  for (int i = 0; i < 3; ++i)
    inside.emplace_back(hub);
  for (int i = 0; i < 10; ++i) {
    try {
      ws_client outside{hub.port()};
      FAIL("a connection over the limit was accepted");
    } catch (const refused& no) {
      CHECK(no.answer.status == 503);
      CHECK(std::stoi(no.answer.field("Retry-After")) > 0);
      CHECK(problem_of(no.answer)["code"] == "hub_full");
      CHECK(no.answer.json()["detail"] == "There are too many connections");
    }
  }
  CHECK(fetch(hub.port(), "/health").json()["connections"] == 3);
  inside[0].say("cosy here");
  for (auto& someone : inside)
    CHECK(someone.hears()["text"] == "cosy here");
}

TEST_CASE("a client that leaves makes room for another one") {
  sqlite db;
  hub hub{db, {{"MAX_CONNECTIONS", "2"}}};
  visitor alice{hub};
  for (int i = 0; i < 5; ++i)
    eventually("room for another connection", [&] {
      try {
        visitor other{hub};
        return true;
      } catch (const refused&) {
        return false;
      }
    });
  alice.say("hello");
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("a client over MEMORY_LIMIT gets 503 until others have left") {
  sqlite db;
  std::size_t bare = 0;
  {
    hub hub{db};
    visitor alice{hub};
    bare = hub.resident();
  }
  const auto limit = bare / 8 * 10 + (16 << 20);
  hub hub{db, {{"MEMORY_LIMIT", std::to_string(limit)}}};
  visitor alice{hub};
  std::vector<ws_client> crowd;
  const auto let_in = [&] {
    try {
      crowd.emplace_back(hub.port());
      return true;
    } catch (const refused& no) {
      CHECK(no.answer.status == 503);
      CHECK(std::stoi(no.answer.field("Retry-After")) > 0);
      CHECK(problem_of(no.answer)["code"] == "no_memory");
      CHECK(no.answer.json()["detail"] == "There is no memory for more connections");
      return false;
    }
  };
  while (let_in())
    REQUIRE(crowd.size() < 15'000);
  CHECK(crowd.size() > 50);
  CHECK(hub.resident() < limit);
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
  alice.say("close quarters");
  CHECK(alice.hears()["text"] == "close quarters");
  crowd.clear();
  if (!is_instrumented()) // a sanitizer's allocator does not return memory
    eventually("room for another connection", let_in);
}

TEST_CASE("one address cannot use up all connections") {
  sqlite db;
  hub hub{db, {{"MAX_CONNECTIONS_PER_IP", "2"}}};
  visitor alice{hub}, bob{hub};
  try {
    visitor third{hub};
    FAIL("a connection over the limit was accepted");
  } catch (const refused& no) {
    CHECK(no.answer.status == 429);
    CHECK(std::stoi(no.answer.field("Retry-After")) > 0);
    CHECK(problem_of(no.answer)["code"] == "too_many_connections");
    CHECK(no.answer.json()["detail"] == "There are too many connections from this address");
  }
  visitor carol{hub, "", {.from = "127.0.0.2"}};
  alice.say("hello");
  CHECK(carol.hears()["text"] == "hello");
}

TEST_SUITE_END();
