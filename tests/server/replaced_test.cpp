// The log disappears while the hub runs: its database is dropped and made again, or its tables or
// rights are removed. The hub reports that, acknowledges nothing that is lost, and continues by
// itself where it can.
#include "tests/server/exposition.hpp"
#include "tests/server/health.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace test;

TEST_SUITE_BEGIN("replaced");

namespace {

/// Drops tables that hubs use at the same time. PostgreSQL ends a deadlock by an error in one of
/// the two sessions, so a deadlock is tried again.
void drop(const database& db, const std::string& statements) {
  eventually("the tables to be dropped", [&] {
    try {
      db.sql(statements);
      return true;
    } catch (const std::runtime_error& e) {
      if (std::string{e.what()}.find("deadlock") == std::string::npos)
        throw;
      return false;
    }
  });
}

/// Checks that the client is closed with 1012 and that its cursor belongs to no log when it comes
/// back.
void check_new_log(visitor& someone, hub& where, std::size_t history = 0) {
  eventually("the close", [&] {
    try {
      someone.next(100ms);
    } catch (const timeout&) {
    } catch (const closed& end) {
      CHECK(end.how.code == 1012);
      CHECK(end.how.reason.starts_with("retry_after_ms="));
      return true;
    }
    return false;
  });
  const std::string old = someone.init["log"];
  eventually("the messages of other hubs",
             [&] { return visitor{where}.init["history"].size() == history; });
  visitor again{where, "?after=1&log=" + old};
  CHECK(again.init["log"] != old);
  CHECK(again.init["resumed"] == false);
  again.say("a new beginning", "k" + std::to_string(history));
  std::multiset<std::string> heard{again.hears_any()["type"], again.hears_any()["type"]};
  CHECK(heard == std::multiset<std::string>{"ack", "message"});
}

} // namespace

TEST_CASE("every hub sets up a database again that was dropped and made anew") {
  postgres db;
  hub first{db}, second{db};
  visitor alice{first}, bob{second};
  alice.say("before", "k0");
  CHECK(bob.hears()["id"] == 1);
  SUBCASE("the database") {
    const auto admin = postgres::cluster().session("postgres");
    admin->sql("drop database " + db.name() + " with (force)");
    wait_for_status(first, "degraded", patience);
    admin->sql("create database " + db.name());
  }
  SUBCASE("its schema") {
    drop(db, "drop schema public cascade; create schema public");
  }
  SUBCASE("the tables of the log") {
    drop(db, "drop table messages, hubbub_meta");
  }
  SUBCASE("the messages") {
    drop(db, "drop table messages");
  }
  check_new_log(alice, first);
  check_new_log(bob, second, 1);
  wait_for_status(first, "healthy", patience);
  wait_for_status(second, "healthy", patience);
  CHECK(db.value("select count(*) from messages") == "2"); // both, though one key was used before
  CHECK(db.value("select count(*) from hubbub_meta where name = 'log'") == "1");
}

TEST_CASE("the hub does not report a database as back before it is, though no client writes") {
  postgres db;
  hub hub{db};
  wait_for_status(hub, "healthy", patience);
  const auto admin = postgres::cluster().session("postgres");
  admin->sql("drop database " + db.name() + " with (force)");
  hub.logs("the log is away");
  const auto tries = [&] { return scrape(hub).at("hubbub_database_retries_total"); };
  eventually("several tries", [&, before = tries()] { return tries() > before + 3; });
  CHECK(hub.server().log().find("the log is back") == std::string::npos);
  admin->sql("create database " + db.name());
  hub.logs("opened anew");
  wait_for_status(hub, "healthy", patience);
}

TEST_CASE("tables that were dropped from a file are made again") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("before");
  alice.hears();
  db.sql("drop table messages; drop table hubbub_meta");
  check_new_log(alice, hub);
}

TEST_CASE("the hub waits for a table that is missing for a while, and closes no connection") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  alice.say("one");
  CHECK(alice.hears()["text"] == "one");
  db.sql("alter table messages rename to elsewhere");
  alice.say("two");
  wait_for_status(hub, "degraded", patience);
  hub.logs("a table elsewhere that looks like it");
  db.sql("alter table elsewhere rename to messages");
  CHECK(alice.hears()["user_message_number"] == 2);
  CHECK(visitor{hub, "?after=1&log=" + std::string(alice.init["log"])}.init["resumed"] == true);
}

TEST_CASE("a hub whose log cannot be read is degraded, even while clients write") {
  postgres db;
  const auto as_owner = db.session();
  as_owner->sql("drop role if exists reader; create role reader login password 'secret'; grant "
                "all on schema public to reader");
  auto url = db.url();
  url.replace(url.find("hubbub:"), 7, "reader:");
  hub hub{{{"DATABASE_URL", url}}};
  {
    visitor alice{hub};
    wait_for_status(hub, "healthy", patience);
    as_owner->sql("revoke select on messages from reader");
    SUBCASE("all of it") {}
    SUBCASE("all but what an insert needs") {
      as_owner->sql("grant select (id) on messages to reader");
      alice.say("stored");
    }
    wait_for_status(hub, "degraded", patience);
    CHECK(health_of(hub)["database"] == false);
    eventually("a reason", [&] {
      return health_of(hub).value("reason", "") ==
             "the database cannot be reached, written or read";
    });
    ws_client early{hub.port(), "/ws?room=another"};
    hub.logs("messages cannot be read for now");
    hub.logs("permission denied for table messages");
    as_owner->sql("grant select on messages to reader");
    CHECK(early.next()["type"] == "init");
    wait_for_status(hub, "healthy", patience);
    hub.logs("messages can be read again");
  }
  hub.stop();
  as_owner->sql("drop owned by reader cascade; drop role reader");
}

TEST_SUITE_END();
