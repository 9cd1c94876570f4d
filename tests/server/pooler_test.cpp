// PgBouncer between the hub and PostgreSQL, in session mode and in transaction mode.
#include "tests/server/doctor.hpp"
#include "tests/server/stored_once.hpp"
#include "tests/support/each_pooling.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("pooler");

namespace {

/// The settings of a hub behind the pooler. Session mode needs no setting of its own.
settings settings_through(const pgbouncer& pooler, const postgres& db, pooling how) {
  settings all{{"DATABASE_URL", pooler.url(db.name())}};
  if (how == pooling::transaction)
    all.emplace("LISTEN_DATABASE_URL", db.url());
  return all;
}

/// Sends messages with and without keys, some keys twice, to cover every kind of append.
void say_some(visitor& someone, const std::string& word, int count) {
  for (int i = 1; i <= count; ++i) {
    const auto text = word + ' ' + std::to_string(i);
    someone.say(text, i % 2 ? "" : text);
    if (i % 4 == 0)
      someone.say(text, text);
  }
}

std::vector<std::string> receive_texts(visitor& someone, std::size_t count) {
  std::vector<std::string> all;
  while (all.size() < count)
    if (const auto frame = someone.hears_any(patience); frame["type"] == "message")
      all.push_back(frame["text"]);
    else
      REQUIRE_FALSE(frame.is_null());
  return all;
}

} // namespace

TEST_CASE("hubs behind a pooler behave like one hub, and lose nothing when one is killed") {
  const auto how = each_pooling();
  postgres db;
  pgbouncer pooler{postgres::cluster(), how};
  hub one{settings_through(pooler, db, how)}, two{settings_through(pooler, db, how)};
  visitor alice{one}, bob{two};
  eventually("both to be counted", [&] { return alice.presence() == 2; });
  say_some(alice, "a", 40);
  say_some(bob, "b", 40);
  const auto heard = receive_texts(alice, 80);
  CHECK(receive_texts(bob, 80) == heard);
  stored_once(db, 80);
  one.kill();
  one.start();
  visitor carol{one};
  CHECK(carol.init["history"].back()["text"] == heard.back());
  carol.say("after the kill");
  CHECK(receive_texts(bob, 1).back() == "after the kill");
  eventually("/health to answer 200", [&] { return fetch(one.port(), "/health").status == 200; });
  CHECK(fetch(one.port(), "/messages?room=lobby").json()["messages"].size() > 1);
}

TEST_CASE("no message is lost or repeated when the pooler restarts") {
  const auto how = each_pooling();
  postgres db;
  pgbouncer pooler{postgres::cluster(), how};
  hub one{settings_through(pooler, db, how)}, two{settings_through(pooler, db, how)};
  visitor alice{one}, bob{two};
  for (int round = 0; round < 4; ++round) {
    alice.say_all(numbered("round " + std::to_string(round), 50));
    pooler.restart();
  }
  const auto heard = receive_texts(bob, 200);
  CHECK(receive_texts(alice, 200) == heard);
  stored_once(db, 200);
}

TEST_CASE("the hub leaves no setting or lock in the pooler's sessions") {
  postgres db;
  pgbouncer pooler{postgres::cluster(), pooling::transaction};
  hub hub{settings_through(pooler, db, pooling::transaction)};
  visitor alice{hub};
  say_some(alice, "a", 20);
  receive_texts(alice, 20);
  CHECK(fetch(hub.port(), "/health").status == 200);
  hub.stop();
  // The pooler keeps its sessions and hands out the one that was used last.
  const auto other = sql_at(pooler.url(db.name()));
  CHECK(other->sql("show statement_timeout") == rows{{"0"}});
  CHECK(other->sql("show idle_in_transaction_session_timeout") == rows{{"0"}});
  CHECK(other->sql("select count(*) from pg_prepared_statements") == rows{{"0"}});
  CHECK(other->sql("select count(*) from pg_locks where locktype = 'advisory' and database = "
                   "(select oid from pg_database where datname = current_database())") ==
        rows{{"0"}});
}

TEST_CASE(
    "the hub's log and doctor report a pooler in transaction mode and the setting that it needs") {
  postgres db;
  pgbouncer pooler{postgres::cluster(), pooling::transaction};
  const settings plain{{"DATABASE_URL", pooler.url(db.name())}};
  hub hub{plain};
  hub.logs("LISTEN_DATABASE_URL");
  visitor alice{hub};
  alice.say("all the same");
  CHECK(alice.hears()["text"] == "all the same");
  const auto told = run_doctor(plain);
  CHECK(told.code == 1);
  const auto at = told.out.find("WRONG  listen");
  CAPTURE(told.out);
  REQUIRE(at != std::string::npos);
  CHECK(told.out.find("-> set LISTEN_DATABASE_URL", at) != std::string::npos);
}

TEST_CASE(
    "doctor accepts a pooler with the right settings, and reports a wrong LISTEN_DATABASE_URL") {
  postgres db, another;
  pgbouncer sessions{postgres::cluster(), pooling::session},
      transactions{postgres::cluster(), pooling::transaction};
  const auto finds = [](const std::string& finding, const settings& with) {
    auto told = run_doctor(with);
    // On a busy machine a database may answer later than doctor waits.
    for (const deadline end = patience;
         told.out.find("has not answered") != std::string::npos && !end.passed();)
      told = run_doctor(with);
    CAPTURE(told.out);
    CHECK(told.out.find(finding) != std::string::npos);
  };
  finds("ok     listen", {{"DATABASE_URL", db.url()}});
  finds("ok     listen", settings_through(sessions, db, pooling::session));
  finds("ok     listen", settings_through(transactions, db, pooling::transaction));
  for (const auto& wrong : {another.url(), transactions.url(db.name())})
    finds("WRONG  listen",
          {{"DATABASE_URL", transactions.url(db.name())}, {"LISTEN_DATABASE_URL", wrong}});
}

TEST_SUITE_END();
