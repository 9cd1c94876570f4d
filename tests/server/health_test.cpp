// What an operator asks: is it well, how many are here.
#include "tests/server/shape.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("health");

TEST_CASE_TEMPLATE("a healthy hub says so", database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  auto answer = fetch(hub.port(), "/health");
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Type").starts_with("application/json"));
  CHECK(answer.json() == json{{"status", "healthy"},
                              {"service", "websocket-chat"},
                              {"database", true},
                              {"connections", 2}});
}

TEST_CASE("the number of connections follows who comes and goes") {
  sqlite db;
  hub hub{db};
  auto is = [&](int count) {
    return fetch(hub.port(), "/ws-info").json()["active_connections"] == count;
  };
  CHECK(is(0));
  visitor alice{hub};
  {
    visitor bob{hub};
    CHECK(is(2));
  }
  eventually("bob to be gone", 2s, [&] { return is(1); });
  alice.line().reset();
  eventually("alice to be gone", 2s, [&] { return is(0); });
}

TEST_CASE("/ws-info tells that the hub is running") {
  sqlite db;
  hub hub{db};
  auto answer = fetch(hub.port(), "/ws-info");
  CHECK(answer.status == 200);
  CHECK(answer.json()["status"] == "running");
}

TEST_CASE("health comes and goes with the database") {
  postgres db;
  hub hub{db};
  auto healthy = [&] {
    auto answer = fetch(hub.port(), "/health", 1500ms);
    auto told = answer.json();
    CHECK((answer.status == 200) == told["database"].get<bool>());
    CHECK(told["status"] == (answer.status == 200 ? "healthy" : "degraded"));
    if (answer.status != 200)
      CHECK(answer.status == 503);
    return answer.status == 200;
  };
  eventually("health at first", 2s, healthy);
  SUBCASE("killed") {
    postgres::cluster().kill();
  }
  SUBCASE("stopped in order") {
    postgres::cluster().stop();
  }
  SUBCASE("hanging") {
    postgres::cluster().pause();
  }
  eventually("degradation", 1500ms, [&] { return !healthy(); });
  postgres::cluster().start();
  eventually("health again", 2s, healthy);
}

TEST_SUITE_END();
