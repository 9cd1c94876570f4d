// The hub reports a stalled thread by its name.
#include "tests/server/health.hpp"
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/stall.hpp"
#include "tests/support/visitor.hpp"

#include <functional>

using namespace test;

TEST_SUITE_BEGIN("stall");

namespace {

/// Calls `look` while the thread is stalled. Checks that the hub is healthy before and after.
void while_stalled(hub& where, const std::string& thread, const std::function<void()>& look) {
  wait_for_status(where, "healthy", 5s);
  {
    const stall still{where.server().pid(), thread};
    look();
  }
  wait_for_status(where, "healthy", 5s);
  eventually("no thread to be reported as stalled",
             [&] { return !health_of(where).contains("stalled"); });
  CHECK(visitor{where}.init["type"] == "init");
}

/// Checks that /health reports `what`, and nothing else, as stalled while the thread is stalled.
void check_stall_is_reported(hub& where, const std::string& thread, const std::string& what) {
  while_stalled(where, thread, [&] {
    wait_for_status(where, "degraded", 5s);
    for (int i = 0; i < 10; ++i)
      eventually("it alone to be reported as stalled",
                 [&] { return health_of(where).value("stalled", json::array()) == json{what}; });
  });
}

} // namespace

TEST_CASE("the hub reports a stalled I/O thread within five seconds") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  SUBCASE("the first") {
    check_stall_is_reported(hub, "io 1", "io 1");
  }
  SUBCASE("the second") {
    check_stall_is_reported(hub, "io 2", "io 2");
  }
}

TEST_CASE(
    "when all I/O threads are stalled, /health is still answered and WebSockets are refused") {
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
      CHECK(problem_of(no.answer)["code"] == "stalled");
    }
  });
}

TEST_CASE("the hub reports a stalled actor within five seconds") {
  sqlite db;
  hub hub{db, {{"THREADS", "1"}}}; // so all actors that do not block share one thread
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

TEST_CASE("the hub also reports that its health actor is stalled") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  while_stalled(hub, "health", [&] {
    eventually_within("/health to report its own stall", 5s, [&] {
      const auto told = health_of(hub);
      return told["status"] == "degraded" && told.value("stalled", json::array()) == json{"health"};
    });
  });
}

TEST_SUITE_END();
