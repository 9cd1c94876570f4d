// Resuming with a cursor: the client gets every missed message once and in order, and then live
// messages.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("resume");

namespace {

std::string after(std::int64_t id, const std::string& log) {
  return "?after=" + std::to_string(id) + "&log=" + log;
}

/// A hub with 60 messages of known ids.
template<class Database = sqlite>
struct hub_with_messages {
  Database db;
  hub server{db};
  visitor alice{server};
  std::string log = alice.init["log"];
  std::vector<std::int64_t> ids;

  hub_with_messages() {
    alice.say_all(numbered("message", 60));
    for (int i = 0; i < 60; ++i)
      ids.push_back(alice.hears()["id"]);
  }
};

void check_not_resumed(const visitor& someone) {
  CHECK(someone.init["resumed"] == false);
  CHECK(someone.init["history"].size() == 50);
}

std::string insert_many(const sqlite&) {
  return "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert "
         "into messages (room, text, connection_id, user_message_number, created_at) select "
         "'lobby', 'message ' || i, connection_id, i + 1, created_at from n, messages";
}

std::string insert_many(const postgres&) {
  return "insert into messages (room, text, connection_id, user_message_number, created_at) select "
         "'lobby', 'message ' || i, connection_id, i + 1, created_at "
         "from messages, generate_series(1, 20000) i order by i";
}

} // namespace

TEST_CASE_TEMPLATE("a client that resumes gets all missed messages and then live ones", database,
                   sqlite, postgres) {
  hub_with_messages<database> full;
  visitor bob{full.server, after(full.ids[4], full.log)};
  CHECK(bob.init["resumed"] == true);
  CHECK(bob.init["history"] == json::array());
  CHECK(bob.init["log"] == full.log);
  for (int i = 6; i <= 60; ++i)
    CHECK(bob.hears()["text"] == "message " + std::to_string(i));
  full.alice.say("now");
  CHECK(bob.hears()["text"] == "now");
}

TEST_CASE("a missed message equals the live one") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("hello");
  auto live = alice.hears();
  CHECK(visitor{hub, after(0, alice.init["log"])}.hears() == live);
}

TEST_CASE("a client that missed nothing gets only live messages") {
  hub_with_messages full;
  visitor bob{full.server, after(full.ids.back(), full.log)};
  CHECK(bob.init["resumed"] == true);
  full.alice.say("now");
  CHECK(bob.hears()["text"] == "now");
}

TEST_CASE("a client that has seen no message may resume too") {
  hub_with_messages full;
  visitor bob{full.server, after(0, full.log)};
  CHECK(bob.init["resumed"] == true);
  CHECK(bob.hears_texts(60) == numbered("message", 60));
}

TEST_CASE("with another log, or without one, the client gets the usual history") {
  hub_with_messages full;
  auto id = std::to_string(full.ids[4]);
  check_not_resumed(
      visitor{full.server, "?after=" + id + "&log=00000000-0000-4000-8000-000000000000"});
  check_not_resumed(visitor{full.server, "?after=" + id});
  check_not_resumed(visitor{full.server, "?log=" + full.log});
}

TEST_CASE("a cursor that the log never gave out is not resumed") {
  hub_with_messages full;
  check_not_resumed(visitor{full.server, after(full.ids.back() + 1000, full.log)});
  check_not_resumed(visitor{full.server, after(-1, full.log)});
}

TEST_CASE("a cursor that is not a number is answered 400") {
  hub_with_messages full;
  for (std::string cursor : {"abc", "1x", "1.5"})
    try {
      visitor bob{full.server, "?after=" + cursor + "&log=" + full.log};
      FAIL(cursor);
    } catch (const refused& no) {
      CHECK(no.answer.status == 400);
    }
}

TEST_CASE("a client gets only the missed messages of its room") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=garden"}, bob{hub};
  std::string log = bob.init["log"];
  for (int i = 1; i <= 60; ++i) {
    alice.say("message " + std::to_string(i));
    alice.hears();
    bob.say("elsewhere");
    bob.hears();
  }
  visitor carol{hub, after(0, log) + "&room=garden"};
  CHECK(carol.hears_texts(60) == numbered("message", 60));
}

TEST_CASE_TEMPLATE("20,000 missed messages arrive in order, also at several clients at once",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor first{hub};
  first.say("the first");
  std::int64_t cursor = first.hears()["id"];
  first.leave();
  REQUIRE(hub.stop() == 0);
  db.sql(insert_many(db));
  hub.start();
  std::vector<visitor> returned;
  for (int i = 0; i < 3; ++i)
    returned.emplace_back(hub, after(cursor, first.init["log"]));
  visitor alice{hub};
  alice.say("now");
  auto expected = numbered("message", 20'000);
  expected.push_back("now");
  for (auto& someone : returned)
    CHECK(someone.hears_texts(20'001) == expected);
}

TEST_CASE_TEMPLATE("a client that reconnects during traffic gets every message once and in order",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  std::vector<std::string> heard;
  std::int64_t cursor = 0;
  auto listen = [&](std::size_t until) {
    visitor bob{hub, after(cursor, alice.init["log"])};
    CHECK(bob.init["resumed"] == true);
    while (heard.size() < until) {
      auto message = bob.hears();
      heard.push_back(message["text"]);
      cursor = message["id"];
    }
  };
  auto texts = numbered("message", 2000);
  for (std::size_t said = 0; said < texts.size(); said += 20) {
    alice.say_all({texts.begin() + said, texts.begin() + said + 20});
    listen(said + said % 17); // the client is sometimes behind and sometimes live
  }
  listen(texts.size());
  CHECK(heard == texts);
}

TEST_SUITE_END();
