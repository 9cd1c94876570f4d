// PgBouncer between the hub and PostgreSQL: a session at a time, or a transaction at a time.
#include "tests/server/doctor.hpp"
#include "tests/server/stored_once.hpp"
#include "tests/support/each_pooling.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("pooler");

namespace {

/// A session at a time needs no setting of its own.
settings settings_through(const pgbouncer& pooler, const postgres& db, pooling how) {
  settings all{{"DATABASE_URL", pooler.url(db.name())}};
  if (how == pooling::transaction)
    all.emplace("LISTEN_DATABASE_URL", db.url());
  return all;
}

/// With keys, some of them twice, so that every kind of append is met.
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

TEST_CASE("hubs behind a pooler are one hub, and lose nothing when one is killed") {
  const auto how = each_pooling();
  postgres db;
  pgbouncer pooler{postgres::cluster(), how};
  hub one{settings_through(pooler, db, how)}, two{settings_through(pooler, db, how)};
  visitor alice{one}, bob{two};
  eventually("both are counted", [&] { return alice.presence() == 2; });
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
  eventually("health", [&] { return fetch(one.port(), "/health").status == 200; });
  CHECK(fetch(one.port(), "/messages?room=lobby").json()["messages"].size() > 1);
}

TEST_CASE("a pooler that starts anew loses and repeats nothing") {
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

TEST_CASE("whoever else is served by the pooler finds its sessions as they were") {
  postgres db;
  pgbouncer pooler{postgres::cluster(), pooling::transaction};
  hub hub{settings_through(pooler, db, pooling::transaction)};
  visitor alice{hub};
  say_some(alice, "a", 20);
  receive_texts(alice, 20);
  CHECK(fetch(hub.port(), "/health").status == 200);
  hub.stop();
  // The sessions stay with the pooler, which gives the one that was used last.
  const auto other = sql_at(pooler.url(db.name()));
  CHECK(other->sql("show statement_timeout") == rows{{"0"}});
  CHECK(other->sql("show idle_in_transaction_session_timeout") == rows{{"0"}});
  CHECK(other->sql("select count(*) from pg_prepared_statements") == rows{{"0"}});
  CHECK(other->sql("select count(*) from pg_locks where locktype = 'advisory' and database = "
                   "(select oid from pg_database where datname = current_database())") ==
        rows{{"0"}});
}

TEST_CASE("a pooler in transaction mode is told by the start and by doctor, with what to set") {
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

TEST_CASE("doctor is content with a pooler that has what it needs, and knows a wrong address") {
  postgres db, another;
  pgbouncer sessions{postgres::cluster(), pooling::session},
      transactions{postgres::cluster(), pooling::transaction};
  const auto finds = [](const std::string& finding, const settings& with) {
    auto told = run_doctor(with);
    // On a busy machine an answer may take longer than the doctor waits for one.
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
