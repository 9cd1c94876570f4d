// A thread that stands still is told by the others, by its name.
#include "tests/server/health.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/stall.hpp"
#include "tests/support/visitor.hpp"

#include <functional>

using namespace test;

TEST_SUITE_BEGIN("stall");

namespace {

/// All is well before the thread stands still, and after it.
void while_stalled(hub& where, const std::string& thread, const std::function<void()>& look) {
  wait_for_status(where, "healthy", 5s);
  {
    const stall still{where.server().pid(), thread};
    look();
  }
  wait_for_status(where, "healthy", 5s);
  eventually("nothing to be said to be stalled",
             [&] { return !health_of(where).contains("stalled"); });
  CHECK(visitor{where}.init["type"] == "init");
}

/// What nobody can do without, and nothing else, is said to be stalled; and no longer than it is.
void check_stall_is_reported(hub& where, const std::string& thread, const std::string& what) {
  while_stalled(where, thread, [&] {
    wait_for_status(where, "degraded", 5s);
    for (int i = 0; i < 10; ++i)
      eventually("it alone to be said to be stalled",
                 [&] { return health_of(where).value("stalled", json::array()) == json{what}; });
  });
}

} // namespace

TEST_CASE("an io thread that stands still is told within five seconds, by the others") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  SUBCASE("the first") {
    check_stall_is_reported(hub, "io 1", "io 1");
  }
  SUBCASE("the second") {
    check_stall_is_reported(hub, "io 2", "io 2");
  }
}

TEST_CASE("when no io thread is left, health is still answered and WebSockets are refused") {
  sqlite db;
  hub hub{db, {{"THREADS", "1"}}};
  while_stalled(hub, "io 1", [&] {
    wait_for_status(hub, "degraded", 5s);
    try {
      ws_client outside{hub.port()};
      FAIL("nobody can serve this one");
    } catch (const refused& no) {
      CHECK(no.answer.status == 503);
      CHECK(!no.answer.field("Retry-After").empty());
    }
  });
}

TEST_CASE("an actor that stands still is told within five seconds") {
  sqlite db;
  hub hub{db, {{"THREADS", "1"}}}; // and so one thread for actors that do not block
  SUBCASE("persistence") {
    check_stall_is_reported(hub, "persistence", "persistence");
  }
  SUBCASE("history") {
    check_stall_is_reported(hub, "history", "history");
  }
  SUBCASE("archive") {
    check_stall_is_reported(hub, "archive", "archive");
  }
  SUBCASE("broadcaster") {
    check_stall_is_reported(hub, "caf.multiplexer", "broadcaster");
  }
}

TEST_CASE("health itself standing still is told, too") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  while_stalled(hub, "health", [&] {
    eventually_within("/health to say that it is stalled itself", 5s, [&] {
      const auto told = health_of(hub);
      return told["status"] == "degraded" && told.value("stalled", json::array()) == json{"health"};
    });
  });
}

TEST_SUITE_END();
