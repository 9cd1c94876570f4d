// The database loses messages while the hub runs: every client is told which, no id is given twice,
// and operators are told what survived.
#include "tests/server/exposition.hpp"
#include "tests/server/health.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("forks");

namespace {

const headers browser{{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}};

/// Loses the messages over this id, and lets ids go on after it.
void lose_after(const database& db, int after) {
  db.sql("delete from messages where id > " + std::to_string(after));
  if (db.url().starts_with("sqlite"))
    db.sql("update sqlite_sequence set seq = " + std::to_string(after));
  else
    db.sql("select setval('messages_id_seq', " + std::to_string(after) + ")");
}

/// Says so many messages and waits until all have heard them.
void say_many(visitor& author, std::vector<visitor*> all, std::size_t count) {
  author.say_all(numbered("before", count));
  for (auto* each : all)
    each->hears_texts(count);
}

void check_live_fork(const database& db) {
  hub hub{db, {{"DEFLATE", "true"}}};
  visitor alice{hub}, old{hub}, small{hub, "", {}, browser};
  CHECK_FALSE(health_of(hub).contains("fork"));
  say_many(alice, {&alice, &old, &small}, 5);
  lose_after(db, 3);
  alice.say("after", "k");
  std::int64_t first = 0;
  for (auto* each : {&alice, &old, &small}) {
    auto told = each->hears_any();
    if (told["type"] == "ack") // only to its sender, and in any order with the other frames
      told = each->hears_any();
    CHECK(told["type"] == "fork");
    CHECK(told["room"] == "lobby");
    CHECK(told["after"] == 3);
    first = told["first"];
    CHECK(first > 5 + (std::int64_t{1} << 32));
    auto message = each->hears_any();
    if (message["type"] == "ack")
      message = each->hears_any();
    CHECK(message["id"] == first);
    CHECK(message["text"] == "after");
    CHECK(message["user_message_number"] == 6);
  }
  const std::string log = alice.init["log"];
  for (const auto* after : {"3", "4", "1000"}) {
    visitor back{hub, std::string("?after=") + after + "&log=" + log};
    CHECK(back.init["resumed"] == true);
    CHECK(back.init["fork"] == json{{"after", 3}, {"first", first}});
    CHECK(back.hears()["id"] == first);
  }
  visitor knows{hub, "?after=" + std::to_string(first) + "&log=" + log}, fresh{hub};
  CHECK(knows.init["resumed"] == true);
  CHECK_FALSE(knows.init.contains("fork"));
  CHECK_FALSE(fresh.init.contains("fork"));
  CHECK(each<std::int64_t>(fresh.init["history"], "id") ==
        std::vector<std::int64_t>{1, 2, 3, first});

  auto health = health_of(hub);
  CHECK(health["status"] == "healthy");
  CHECK(health["fork"]["after"] == 3);
  CHECK(health["fork"]["first"] == first);
  CHECK(health["fork"]["lost_at_most"] == 2);
  CHECK(health["fork"]["found_at"].get<std::string>().ends_with("+00:00"));
  CHECK(fetch(hub.port(), "/ws-info").json()["fork"] == health["fork"]);
  const auto metrics = scrape(hub);
  CHECK(metrics.at("hubbub_log_forks_total") == 1);
  CHECK(metrics.at("hubbub_log_lost_messages_total") == 2);
  hub.logs("the log has lost messages: those up to id 3 survived");

  CHECK(hub.stop() == 0);
  hub.start();
  wait_for_status(hub, "healthy", patience);
  CHECK(health_of(hub)["fork"]["after"] == 3);
  CHECK(scrape(hub).at("hubbub_log_forks_total") == 0); // otherwise a start would look like a fork
}

} // namespace

TEST_CASE("PostgreSQL loses messages, and every client and operator is told which") {
  check_live_fork(postgres{});
}

TEST_CASE("a file loses messages, and every client and operator is told which") {
  check_live_fork(sqlite{});
}

TEST_CASE("two hubs make one fork, and a hub without messages learns of it at once") {
  postgres db;
  hub first{db}, second{db};
  visitor alice{first}, bob{second};
  say_many(alice, {&alice, &bob}, 4);
  lose_after(db, 2);
  alice.say("after");
  const auto told = alice.gets("fork");
  CHECK(bob.gets("fork") == told);
  CHECK(alice.hears() == bob.hears());
  bob.say("from the other hub");
  CHECK(alice.hears()["id"] == told["first"].get<std::int64_t>() + 1);
  CHECK(health_of(second)["fork"]["after"] == 2);
}

TEST_CASE("a reader that catches up at the fork is told before the messages after it") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", "65536"}, {"RATE_LIMIT", "0"}}};
  visitor alice{hub}, slow{hub, "", connect_options{.receive_buffer = 16384}};
  const std::string words(990, 'w');
  constexpr std::size_t count = 3000;
  for (std::size_t said = 0; said < count; said += 250) {
    alice.say_all(std::vector<std::string>(250, words));
    alice.hears_texts(250);
  }
  lose_after(db, 2000);
  alice.say("after");
  const auto told = alice.gets("fork");
  CHECK(alice.hears()["id"] == told["first"]);
  std::int64_t last = 0;
  std::size_t forks = 0;
  for (json event; last < told["first"];) {
    event = slow.hears_any();
    REQUIRE_FALSE(event.is_null());
    if (event["type"] == "fork") {
      CHECK(event == told);
      ++forks;
      continue;
    }
    REQUIRE(event["type"] == "message");
    REQUIRE(event["id"] > last);
    if (forks == 0) // it may have got lost messages before, but misses none that survived
      REQUIRE(event["id"] == last + 1);
    last = event["id"];
  }
  CHECK(forks >= 1);
  CHECK(last == told["first"]);
}

TEST_SUITE_END();
