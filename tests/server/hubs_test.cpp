// Several hubs on one PostgreSQL behave like one hub. A client need not know which hub another
// client uses.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <set>

using namespace test;

TEST_SUITE_BEGIN("hubs");

namespace {

using ids = std::vector<std::int64_t>;

ids stored(const database& db) {
  ids all;
  for (const auto& row : db.sql("select id from messages order by id"))
    all.push_back(std::stoll(row[0]));
  return all;
}

ids receive_ids(visitor& someone, std::size_t count) {
  ids all;
  while (all.size() < count)
    all.push_back(someone.hears().at("id"));
  return all;
}

std::string after(std::int64_t id, const visitor& known) {
  return "?after=" + std::to_string(id) + "&log=" + known.init.at("log").get<std::string>();
}

void end_listeners(const database& db) {
  db.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = "
         "current_database() and application_name = 'hubbub listener'");
}

} // namespace

TEST_CASE("clients of all hubs receive the messages in one order") {
  postgres db;
  hub one{db}, two{db}, three{db};
  visitor people[] = {visitor{one}, visitor{two}, visitor{three}};
  CHECK(people[0].init["log"] == people[1].init["log"]);
  CHECK(people[0].init["log"] == people[2].init["log"]);
  const auto texts = numbered("message", 500);
  for (auto& someone : people)
    someone.say_all(texts);
  const auto heard = receive_ids(people[0], 1500);
  CHECK(heard == stored(db));
  CHECK(receive_ids(people[1], 1500) == heard);
  CHECK(receive_ids(people[2], 1500) == heard);
}

TEST_CASE("a message looks the same in every hub") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two}, elsewhere{two, "?room=garden"};
  alice.say("\xF0\x9F\x91\x8B hello");
  const auto here = alice.hears();
  CHECK(bob.hears() == here);
  CHECK(visitor{two}.init["history"] == json{here});
  CHECK(elsewhere.hears_any(200ms).is_null());
}

TEST_CASE("a key is stored once, whichever hub receives it") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, again{two};
  alice.say("hello", "the key");
  json first;
  for (int frames = 0; frames < 2; ++frames) { // the ack and the message may come in either order
    const auto frame = alice.hears_any();
    if (frame["type"] == "ack")
      first = frame;
  }
  CHECK(again.hears()["text"] == "hello");
  again.say("hello", "the key");
  CHECK(again.gets("ack") == first);
  CHECK(stored(db).size() == 1);
}

TEST_CASE("a client that moves from hub to hub gets every message once and in order") {
  postgres db;
  hub one{db}, two{db}, three{db};
  hub* all[] = {&one, &two, &three};
  visitor writers[] = {visitor{one}, visitor{two}, visitor{three}};
  std::int64_t cursor = 0;
  ids heard;
  for (int move = 0; move < 60; ++move) {
    for (auto& w : writers)
      w.say_all(numbered("move " + std::to_string(move), 5));
    visitor walker{*all[move % 3], after(cursor, writers[0])};
    CHECK(walker.init["resumed"] == true);
    for (int i = 0; i < 10; ++i)
      heard.push_back(walker.hears()["id"]);
    cursor = heard.back();
  }
  visitor walker{one, after(cursor, writers[0])};
  while (heard.size() < 900)
    heard.push_back(walker.hears()["id"]);
  CHECK(heard == stored(db));
}

TEST_CASE("a hub that loses its notifications catches up when they come back") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  for (int cut = 0; cut < 10; ++cut) {
    alice.say_all(numbered("message", 50));
    end_listeners(db);
    alice.say_all(numbered("message", 50));
  }
  const auto heard = receive_ids(bob, 1000); // after these, all are stored
  CHECK(heard == stored(db));
}

TEST_CASE("a hub that was paused catches up") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  two.pause();
  alice.say_all(numbered("message", 5000)); // more than a hub keeps in memory at once
  receive_ids(alice, 5000);
  two.resume();
  const auto heard = receive_ids(bob, 5000);
  CHECK(heard == stored(db));
}

TEST_CASE("hubs may start, stop and be killed at any time") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one};
  const auto log = alice.init["log"];
  alice.say("one");
  CHECK(alice.hears()["text"] == "one");
  two.kill();
  alice.say("two");
  CHECK(alice.hears()["text"] == "two");
  two.start();
  visitor bob{two, after(0, alice)};
  CHECK(bob.hears_texts(2) == std::vector<std::string>{"one", "two"});
  CHECK(one.stop() == 0);
  bob.say("three");
  CHECK(bob.hears()["text"] == "three");
  hub three{db};
  visitor carol{three, after(0, bob)};
  CHECK(carol.hears_texts(3) == std::vector<std::string>{"one", "two", "three"});
  bob.say("four");
  CHECK(carol.hears()["text"] == "four");
}

TEST_CASE("foreign notifications on the hubs' channel do no harm") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  for (auto word : {"9223372036854775807", "99999999999999999999999", "-1", "", "x"})
    db.sql(std::string("select pg_notify('hubbub', '") + word + "')");
  alice.say("hello");
  CHECK(bob.hears()["text"] == "hello");
  bob.say("hello yourself");
  CHECK(alice.hears_texts(2).back() == "hello yourself");
}

TEST_CASE("hubs without clients send the database few statements") {
  postgres db;
  hub one{db}, two{db}, three{db};
  const std::string theirs = " from pg_stat_activity where datname = current_database() and pid <> "
                             "pg_backend_pid() and application_name like 'hubbub%'";
  eventually("each hub to watch the one before it",
             [&] { return db.value("select count(*)" + theirs + " and state = 'active'") == "3"; });
  const auto look = db.session();
  std::set<std::vector<std::string>> begun;
  const auto see = [&] {
    for (auto& statement : look->sql("select pid, query_start" + theirs))
      begun.insert(std::move(statement));
  };
  auto began = deadline::clock::now();
  const auto tens = [&] {
    return std::chrono::duration<double>(deadline::clock::now() - began).count() / 10;
  };
  eventually("the statements of the start to end", [&] {
    see();
    return tens() > 1;
  });
  const auto before = begun.size();
  began = deadline::clock::now();
  eventually("two periods of ten seconds", [&] {
    see();
    return tens() > 2;
  });
  // Each hub runs two statements in ten seconds: one checks the log, one watches another hub. One
  // more period allows for the edges of the measurement on a busy machine.
  CHECK(double(begun.size() - before) <= 3 * 2 * (tens() + 1));
}

TEST_CASE("a second hub on the same SQLite file ends with one line that says why") {
  sqlite db;
  hub one{db};
  visitor alice{one};
  const auto second = run(hub_command({{"DATABASE_URL", db.url()}}));
  CHECK(second.code == 1);
  CHECK(second.out == "");
  CHECK(std::count(second.err.begin(), second.err.end(), '\n') == 1);
  CHECK(second.err.find("another hubbub") != second.err.npos);
  CHECK(second.err.find(db.file()) != second.err.npos);
  alice.say("still here");
  CHECK(alice.hears()["text"] == "still here");
  one.kill();
  hub three{db};
  CHECK(visitor{three}.init["history"].size() == 1);
}

TEST_SUITE_END();
