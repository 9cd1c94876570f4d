// The frames that a client receives without any fault: its id, the messages, and their order. Knows
// the frames. Must not know how the hub makes them.
#include "tests/server/shape.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("wire format");

TEST_CASE("the first frame is init, with exactly its fields") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  CHECK(fields(alice.init) ==
        std::set<std::string>{"type", "connection_id", "history", "room", "log", "resumed"});
  CHECK(alice.init["history"] == json::array());
  CHECK(alice.init["room"] == "lobby");
  CHECK(alice.init["resumed"] == false);
  CHECK(alice.init["log"].get<std::string>().size() == 36);
}

TEST_CASE("every connection gets its own random UUID") {
  sqlite db;
  hub hub{db};
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    visitor someone{hub};
    CHECK(is_uuid4(someone.id()));
    ids.insert(someone.id());
  }
  CHECK(ids.size() == 20);
}

TEST_CASE_TEMPLATE("a message has exactly its fields, live and in the history", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  alice.say("good morning");
  auto heard = bob.hears();
  CHECK(fields(heard) == message_fields);
  CHECK(heard["text"] == "good morning");
  CHECK(heard["connection_id"] == alice.id());
  CHECK(heard["user_message_number"] == 1);
  CHECK(heard["id"].is_number_integer());
  CHECK(seconds(heard["created_at"]) == doctest::Approx(std::time(nullptr)).epsilon(1e-7).scale(0));
  CHECK(alice.hears() == heard);
  CHECK(visitor{hub}.init["history"] == json::array({heard}));
}

TEST_CASE("each connection's messages are numbered 1, 2, 3") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  std::vector<int> numbers;
  for (auto* speaker : {&alice, &bob, &alice, &alice, &bob}) {
    speaker->say("hello");
    numbers.push_back(alice.hears()["user_message_number"]);
  }
  CHECK(numbers == std::vector{1, 1, 2, 3, 2});
}

TEST_CASE_TEMPLATE("all clients see one order, with increasing ids", database, sqlite, postgres) {
  database db;
  hub hub{db, {{"THREADS", "4"}}};
  std::vector<visitor> crowd;
  for (int i = 0; i < 8; ++i)
    crowd.emplace_back(hub);
  for (int round = 0; round < 10; ++round)
    for (int speaker = 0; speaker < 4; ++speaker)
      crowd[speaker].say_all(numbered(std::to_string(speaker), 5));
  json seen;
  for (auto& someone : crowd) {
    auto heard = json::array();
    for (int i = 0; i < 200; ++i)
      heard.push_back(someone.hears());
    CHECK((seen.is_null() || seen == heard));
    seen = heard;
  }
  auto ids = each<std::int64_t>(seen, "id");
  CHECK(std::is_sorted(ids.begin(), ids.end(), std::less_equal{}));
  std::map<std::string, int> newest;
  for (auto& message : seen)
    CHECK(message["user_message_number"] == ++newest[message["connection_id"]]);
  CHECK(newest.size() == 4);
}

TEST_CASE_TEMPLATE("history is the newest 50, oldest first, after a restart too", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  alice.say_all(numbered("message", 60));
  auto last_50 = json::array();
  for (int i = 1; i <= 60; ++i)
    if (auto message = alice.hears(); i > 10)
      last_50.push_back(message);
  CHECK(visitor{hub}.init["history"] == last_50);
  alice.leave();
  REQUIRE(hub.stop() == 0);
  hub.start();
  visitor bob{hub};
  CHECK(bob.init["history"] == last_50);
  CHECK(bob.init["log"] == alice.init["log"]);
}

TEST_CASE("two databases have different logs") {
  sqlite one, other;
  hub first{one}, second{other};
  CHECK(visitor{first}.init["log"] != visitor{second}.init["log"]);
}

TEST_CASE("unknown fields are ignored") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_text(
      R"({"id":9,"text":"still me","rooms":["x"],"type":"message","extra":[{"a":null}]})");
  CHECK(alice.hears()["text"] == "still me");
}

TEST_SUITE_END();
