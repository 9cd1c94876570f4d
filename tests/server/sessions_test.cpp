// The number of sessions that a hub has in PostgreSQL while the hub waits for the database.
#include "tests/server/stored_once.hpp"
#include "tests/support/lost_standby.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("sessions");

namespace {

constexpr int max_sessions_of_hub = 9;

/// The largest number of sessions of all hubs during that time. Calls `meanwhile` once a second.
int max_sessions(const database& db, deadline::clock::duration during,
                 const std::function<void()>& meanwhile) {
  const auto look = db.session();
  int most = 0;
  const deadline end = during;
  auto next = deadline::clock::now();
  eventually("time to pass", during + patience, [&] {
    most = std::max(most, std::stoi(look->sql("select count(*) from pg_stat_activity where datname "
                                              "= current_database() and application_name like "
                                              "'hubbub%'")[0][0]));
    if (deadline::clock::now() >= next) {
      next += 1s;
      meanwhile();
    }
    return end.passed();
  });
  return most;
}

/// Sends requests and does not wait for the responses.
void request_without_waiting(const hub& whom) {
  for (const auto* target : {"/health", "/messages?room=lobby", "/messages?room=garden"})
    try {
      fetch(whom.port(), target, 50ms);
    } catch (const timeout&) {
    }
}

} // namespace

TEST_CASE("a long lock on a table causes no additional sessions, and no message is lost") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  std::string tables = "messages";
  SUBCASE("the log's") {}
  SUBCASE("all") {
    tables += ", hubbub_meta, hubbub_hubs, hubbub_presence";
  }
  const auto other = db.session();
  other->sql("set statement_timeout = 0");
  eventually("the lock", [&] {
    try {
      other->sql("begin; lock table " + tables + " in access exclusive mode");
      return true;
    } catch (const std::runtime_error&) { // a deadlock with a hub, which locks in another order
      other->sql("rollback");
      return false;
    }
  });
  int said = 0;
  std::vector<ws_client> newcomers;
  CHECK(max_sessions(db, 20s, [&] {
          ++said;
          alice.say("message " + std::to_string(said), "key " + std::to_string(said));
          newcomers.emplace_back(one.port(), "/ws?room=garden");
          request_without_waiting(one);
          request_without_waiting(two);
        }) <= 2 * max_sessions_of_hub);
  CHECK(fetch(one.port(), "/health").status == 503);
  other->sql("commit");
  for (int i = 1; i <= said; ++i)
    CHECK(bob.hears()["text"] == "message " + std::to_string(i));
  for (auto& newcomer : newcomers)
    CHECK(newcomer.next()["type"] == "init");
  stored_once(db, std::size_t(said));
  for (const auto* hub : {&one, &two})
    eventually("/health to answer 200",
               [&] { return fetch(hub->port(), "/health").status == 200; });
}

TEST_CASE("while a standby is lost, one commit waits without being ended, and is found again") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  alice.say("before");
  CHECK(bob.hears()["text"] == "before");
  const std::string waiting = "select pid from pg_stat_activity where wait_event = 'SyncRep' and "
                              "datname = current_database()";
  int said = 0;
  {
    const lost_standby lost;
    alice.say("in doubt");
    eventually("the commit to wait", [&] { return db.sql(waiting).size() == 1; });
    const auto first = db.value(waiting);
    CHECK(max_sessions(db, 20s, [&] {
            bob.say("message " + std::to_string(++said));
            request_without_waiting(one);
            request_without_waiting(two);
            CHECK(db.sql(waiting) == rows{{first}});
          }) <= 2 * max_sessions_of_hub);
    CHECK(db.value("select count(*) from messages") == "1"); // the waiting commit is not visible
    CHECK(fetch(one.port(), "/health").status == 503);
    CHECK(alice.hears()["text"] == "before");
    CHECK(alice.hears_any(0s).is_null());
  }
  CHECK(alice.hears()["text"] == "in doubt");
  CHECK(bob.hears()["text"] == "in doubt");
  for (int i = 1; i <= said; ++i)
    CHECK(alice.hears()["text"] == "message " + std::to_string(i));
  stored_once(db, std::size_t(said) + 2);
}

TEST_SUITE_END();
