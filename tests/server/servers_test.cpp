// PostgreSQL that restarts.
#include "tests/support/postgres.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("servers");

namespace {

int health(const hub& whom) {
  return fetch(whom.port(), "/health").status;
}

} // namespace

TEST_CASE("the first answer about health after a restart of PostgreSQL is right") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  alice.say("before");
  CHECK(alice.hears()["text"] == "before");
  SUBCASE("nobody asked meanwhile") {
    postgres::cluster().restart();
  }
  SUBCASE("it was killed") {
    postgres::cluster().kill();
    postgres::cluster().start();
  }
  SUBCASE("somebody asked meanwhile") {
    postgres::cluster().stop();
    eventually("the hub to see it", [&] { return health(hub) == 503; });
    postgres::cluster().start();
  }
  SUBCASE("messages wait") {
    postgres::cluster().stop();
    alice.say("while it was away");
    eventually("the hub to see it", [&] { return health(hub) == 503; });
    postgres::cluster().start();
  }
  CHECK(health(hub) == 200);
  CHECK(fetch(hub.port(), "/messages?room=lobby").status == 200);
}

TEST_SUITE_END();
