// Presence over all hubs, and how fast the clients of a hub that died are removed.
#include "tests/server/presence.hpp"
#include "tests/support/measurements.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("presence");

namespace {

/// Reads presence frames until one has that number.
void wait_for_presence(visitor& someone, int online) {
  CAPTURE(online);
  int told = 0;
  try {
    while ((told = someone.presence()) != online) {
    }
  } catch (const timeout&) {
    FAIL("the last number that was told is " << told);
  }
}

/// The same after a hub has died. Records the time as a measurement.
void wait_for_remaining(visitor& someone, int online) {
  const auto began = deadline::clock::now();
  wait_for_presence(someone, online);
  record_measurement("presence after a hub died", 5s, deadline::clock::now() - began);
}

} // namespace

TEST_CASE("clients of a room get the number of its clients in all hubs together") {
  postgres db;
  hub one{db}, two{db}, three{db};
  visitor alice{one}, elsewhere{two, "?room=garden"};
  {
    visitor bob{two}, carol{three}, dave{three};
    for (auto* someone : {&alice, &bob, &carol, &dave})
      wait_for_presence(*someone, 4);
  }
  wait_for_presence(alice, 1);
  CHECK(elsewhere.presence() == 1);
  CHECK_FALSE(elsewhere.has_next(1500ms)); // nothing has changed in the other room
}

TEST_CASE("the first client of a hub gets the number of the clients of all hubs") {
  postgres db;
  hub one{db};
  std::vector<visitor> crowd;
  for (int i = 0; i < 20; ++i)
    crowd.emplace_back(one);
  wait_for_presence(crowd[0], 20);
  hub two{db};
  visitor bob{two};
  wait_for_presence(bob, 21);
  wait_for_presence(crowd[0], 21);
}

TEST_CASE("the clients of a hub that dies are removed from all other hubs within seconds") {
  postgres db;
  hub one{db}, two{db}, three{db}, four{db};
  visitor alice{one}, bob{two};
  std::vector<visitor> theirs;
  for (int i = 0; i < 5; ++i) {
    theirs.emplace_back(three);
    theirs.emplace_back(four);
  }
  wait_for_presence(alice, 12);
  wait_for_presence(bob, 12);
  SUBCASE("one of them") {
    three.kill();
    wait_for_remaining(alice, 7);
    wait_for_remaining(bob, 7);
  }
  SUBCASE("two at once") {
    four.kill();
    three.kill();
    wait_for_remaining(alice, 2);
    wait_for_remaining(bob, 2);
  }
  SUBCASE("all but one") {
    two.kill();
    three.kill();
    four.kill();
    wait_for_remaining(alice, 1);
  }
  SUBCASE("in order") {
    CHECK(three.stop() == 0);
    wait_for_remaining(alice, 7);
  }
}

TEST_CASE("the clients of the last hub that died are removed by the next hub") {
  postgres db;
  hub one{db};
  visitor alice{one}, bob{one};
  wait_for_presence(alice, 2);
  wait_for_stored_presence(db, 2);
  one.kill();
  hub two{db};
  visitor carol{two};
  wait_for_remaining(carol, 1);
  CHECK_FALSE(carol.has_next(1500ms));
}

TEST_CASE("a hub that reconnects to the database counts its clients once") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two}, carol{two};
  wait_for_presence(alice, 3);
  for (int cut = 0; cut < 3; ++cut) {
    db.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = "
           "current_database() and application_name in ('hubbub listener', 'hubbub watch')");
    {
      visitor dave{two};
      wait_for_presence(alice, 4);
      wait_for_presence(carol, 4);
    }
    wait_for_presence(alice, 3);
    wait_for_presence(carol, 3);
  }
}

TEST_CASE("many clients that come at once cause one presence frame in a second") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one};
  const auto begin = deadline::clock::now();
  std::vector<visitor> crowd;
  for (int i = 0; i < 500; ++i)
    crowd.emplace_back(two);
  int events = 0;
  for (int last = 0; last != 501; ++events)
    last = alice.presence();
  const auto seconds = std::chrono::duration<double>(deadline::clock::now() - begin).count();
  CHECK(events <= seconds + 2);
  CHECK_FALSE(alice.has_next(1500ms));
}

TEST_CASE("rooms without clients and hubs that died are removed from the database") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one};
  { visitor bob{two, "?room=garden"}; }
  wait_for_stored_presence(db, 1);
  CHECK(db.value("select count(*) from hubbub_hubs") == "2");
  two.kill();
  eventually("the removal of the dead hub's row",
             [&] { return db.value("select count(*) from hubbub_hubs") == "1"; });
}

TEST_SUITE_END();
