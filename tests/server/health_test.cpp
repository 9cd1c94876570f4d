// /health and /ws-info: whether the hub is healthy and ready, and how many connections it has. Each
// fault of these tests is a real one.
#include "tests/server/health.hpp"
#include "tests/server/shape.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <sys/resource.h>

using namespace test;

TEST_SUITE_BEGIN("health");

namespace {

/// Checks that /health reports an outage of the log and its end, while no client sends anything.
void check_log_outage(hub& where, const std::function<void()>& take,
                      const std::function<void()>& give_back) {
  wait_for_status(where, "healthy", 5s);
  take();
  wait_for_status(where, "degraded", 5s);
  CHECK(health_of(where)["database"] == false);
  give_back();
  wait_for_status(where, "healthy", 5s);
  eventually("the database to be there", [&] { return health_of(where)["database"] == true; });
  visitor alice{where};
  alice.say("hello");
  CHECK(alice.hears()["text"] == "hello");
}

/// What a hub answers in the second between the signal and the first close frame.
struct draining_view {
  json ready, health;
  response to_late; ///< The response to a new WebSocket.
  std::string heard;
};

/// Returns no value if that second ended before everything was observed, as it may on a busy
/// machine.
std::optional<draining_view> observe_stop(hub& where, visitor& alice) {
  draining_view out;
  where.server().signal(SIGTERM);
  try {
    eventually("readiness to end",
               [&] { return (out.ready = health_of(where, "?ready=1"))["ready"] == false; });
    out.health = health_of(where);
    try {
      ws_client late{where.port()};
      out.to_late.status = 101;
    } catch (const refused& no) {
      out.to_late = no.answer;
    }
    alice.say("still here");
    out.heard = alice.hears()["text"];
    return out;
  } catch (const std::runtime_error&) {
    return {}; // the hub has ended or is about to
  }
}

} // namespace

TEST_CASE_TEMPLATE("/health reports a healthy hub", database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  response answer;
  eventually("/health to answer 200",
             [&] { return (answer = fetch(hub.port(), "/health")).status == 200; });
  CHECK(answer.field("Content-Type").starts_with("application/json"));
  CHECK(answer.json() == json{{"status", "healthy"},
                              {"service", "websocket-chat"},
                              {"database", true},
                              {"connections", 2}});
}

TEST_CASE("the number of connections follows opens and closes") {
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
  eventually("bob to be gone", [&] { return is(1); });
  alice.transport().reset();
  eventually("alice to be gone", [&] { return is(0); });
}

TEST_CASE("/ws-info reports that the hub is running") {
  sqlite db;
  hub hub{db};
  auto answer = fetch(hub.port(), "/ws-info");
  CHECK(answer.status == 200);
  CHECK(answer.json()["status"] == "running");
}

TEST_CASE("/health follows the state of the database") {
  postgres db;
  hub hub{db};
  auto healthy = [&] {
    const auto asked = deadline::clock::now();
    auto answer = fetch(hub.port(), "/health");
    record_measurement("an answer of /health", 1500ms, deadline::clock::now() - asked);
    auto told = answer.json();
    // On a busy machine a thread may look stalled.
    CHECK((answer.status == 200) == (told["database"] == true && !told.contains("stalled")));
    CHECK(told["status"] == (answer.status == 200 ? "healthy" : "degraded"));
    if (answer.status != 200)
      CHECK(answer.status == 503);
    return answer.status == 200;
  };
  eventually("/health to answer 200 at first", healthy);
  SUBCASE("killed") {
    postgres::cluster().kill();
  }
  SUBCASE("stopped in order") {
    postgres::cluster().stop();
  }
  SUBCASE("hanging") {
    postgres::cluster().pause();
  }
  eventually_within("/health to report that the database is away", 2500ms,
                    [&] { return !healthy(); });
  postgres::cluster().start();
  eventually_within("/health to report that the database is back", 2s, healthy);
}

TEST_CASE(
    "/health reports within five seconds that the log cannot be written, though no client writes") {
  postgres db;
  const auto as_owner = db.session();
  as_owner->sql("drop role if exists keeper; create role keeper login password 'secret'; "
                "grant all on schema public to keeper");
  auto url = db.url();
  url.replace(url.find("hubbub:"), 7, "keeper:");
  hub hub{{{"DATABASE_URL", url}}};
  const auto sql = [&](const std::string& text) { return [&, text] { as_owner->sql(text); }; };
  SUBCASE("a lock on the table") {
    check_log_outage(hub, sql("begin; lock table messages in access exclusive mode"),
                     sql("commit"));
  }
  SUBCASE("a lock on the right to append") {
    check_log_outage(hub, sql("select pg_advisory_lock(7526466502384809314)"),
                     sql("select pg_advisory_unlock(7526466502384809314)"));
  }
  SUBCASE("read-only") {
    check_log_outage(
        hub,
        [&] {
          as_owner->sql("alter system set default_transaction_read_only = on");
          as_owner->sql("select pg_reload_conf()");
        },
        [&] {
          as_owner->sql("set default_transaction_read_only = off");
          as_owner->sql("alter system reset default_transaction_read_only");
          as_owner->sql("select pg_reload_conf()");
        });
  }
  SUBCASE("rights revoked") {
    check_log_outage(hub, sql("revoke insert on messages from keeper"),
                     sql("grant insert on messages to keeper"));
  }
  SUBCASE("the table gone") {
    check_log_outage(hub, sql("alter table messages rename to elsewhere"),
                     sql("alter table elsewhere rename to messages"));
  }
  SUBCASE("a backend that stands still") {
    check_log_outage(
        hub, [&] { postgres::cluster().pause(); }, [&] { postgres::cluster().resume(); });
  }
  hub.stop();
  as_owner->sql("drop owned by keeper cascade; drop role keeper");
}

TEST_CASE(
    "/health reports within five seconds that a file cannot be written, though no client writes") {
  sqlite db;
  hub hub{db};
  const auto sql = [&](const std::string& text) { return [&, text] { db.sql(text); }; };
  SUBCASE("locked by another program") {
    auto other = db.session();
    check_log_outage(
        hub, [&] { other->sql("begin immediate"); }, [&] { other->sql("rollback"); });
  }
  SUBCASE("no room for another byte") {
    const auto room = [&](rlim_t bytes) {
      return [&, bytes] {
        const rlimit limit{bytes, RLIM_INFINITY};
        REQUIRE(::prlimit(hub.server().pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
      };
    };
    check_log_outage(hub, room(0), room(RLIM_INFINITY));
  }
  SUBCASE("the table gone") {
    check_log_outage(hub, sql("alter table messages rename to elsewhere"),
                     sql("alter table elsewhere rename to messages"));
  }
}

TEST_CASE_TEMPLATE("a request for /health takes no id and leaves no row", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  wait_for_status(hub, "healthy", 5s);
  visitor alice{hub};
  alice.say("first");
  CHECK(alice.hears()["id"] == 1);
  CHECK(db.value("select count(*) from messages") == "1");
}

TEST_CASE("a hub is ready when its log accepts messages, and not before") {
  postgres db;
  postgres::cluster().stop();
  hub hub{db};
  const auto early = health_of(hub, "?ready=1");
  CHECK(early["ready"] == false);
  CHECK(early["status"] == "degraded");
  postgres::cluster().start();
  eventually("readiness", [&] { return health_of(hub, "?ready=1")["ready"] == true; });
}

TEST_CASE("a hub that stops is not ready and refuses new clients, and still serves those it has") {
  std::optional<draining_view> seen;
  for (int tries = 0; !seen && tries < 10; ++tries) {
    sqlite db;
    hub hub{db, {{"THREADS", "2"}}};
    visitor alice{hub};
    eventually("readiness", [&] { return health_of(hub, "?ready=1")["ready"] == true; });
    seen = observe_stop(hub, alice);
    CHECK(alice.next_close().code == 1012);
    CHECK(hub.stop() == 0);
  }
  REQUIRE(seen);                              // observed in one of ten attempts
  CHECK(seen->health["status"] == "healthy"); // a hub that stops is healthy
  CHECK(seen->health["draining"] == true);
  CHECK(seen->to_late.status == 503);
  CHECK(std::stoi('0' + seen->to_late.field("Retry-After")) >= 1);
  CHECK(problem_of(seen->to_late)["code"] == "restarting");
  CHECK(seen->to_late.json()["detail"] == "The hub restarts");
  CHECK(seen->heard == "still here");
}

TEST_SUITE_END();
