// Keys: a client that does not know whether a message arrived sends it again with the same key. The
// log stores it once, for as long as the message is kept.
#include "tests/server/shape.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("key");

namespace {

/// The next frame that is no message.
json answer_to(visitor& someone) {
  for (;;)
    if (auto frame = someone.hears_any(); frame.is_null() || frame["type"] != "message")
      return frame;
}

/// The next ack. Messages before it are skipped.
json ack_of(visitor& someone) {
  auto frame = answer_to(someone);
  if (frame.is_null() || frame["type"] != "ack")
    throw std::runtime_error{"no ack but " + frame.dump()};
  return frame;
}

json say_and_get_ack(visitor& someone, const std::string& text, const std::string& key) {
  someone.say(text, key);
  return ack_of(someone);
}

} // namespace

TEST_CASE_TEMPLATE("only the sender gets the ack, and every client the message", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  auto ack = say_and_get_ack(alice, "hello", "k1");
  auto message = bob.hears();
  CHECK(ack == json{{"type", "ack"},
                    {"key", "k1"},
                    {"room", "lobby"},
                    {"id", message["id"]},
                    {"user_message_number", 1}});
  CHECK(fields(message) == message_fields);
  bob.say("next");
  CHECK(bob.hears()["text"] == "next"); // and no ack before it
}

TEST_CASE("a message without a key has no ack") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("one");
  alice.say("two");
  CHECK(alice.hears_texts(2) == std::vector<std::string>{"one", "two"});
}

TEST_CASE_TEMPLATE("a repeated key gets the first ack and takes no number", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub}, carol{hub};
  auto first = say_and_get_ack(alice, "hello", "k1");
  CHECK(say_and_get_ack(alice, "hello", "k1") == first);
  CHECK(say_and_get_ack(carol, "hello", "k1") == first);
  CHECK(bob.hears()["text"] == "hello");
  alice.say("alice's second");
  CHECK(bob.hears()["user_message_number"] == 2);
  carol.say("carol's first");
  CHECK(bob.hears()["user_message_number"] == 1);
  for (auto* someone : {&alice, &bob, &carol})
    someone->leave();
  REQUIRE(hub.stop() == 0);
  hub.start();
  visitor later{hub};
  CHECK(later.init["history"].size() == 3);
  CHECK(say_and_get_ack(later, "hello", "k1") == first);
  CHECK(db.value("select count(*) from messages") == "3");
}

TEST_CASE_TEMPLATE("another text or room with a key that is taken is a key_conflict", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  const auto first = say_and_get_ack(alice, "hello", "k1");
  json conflict{{"type", "error"},
                {"message", "another message has this key"},
                {"code", "key_conflict"},
                {"room", "lobby"},
                {"key", "k1"}};
  for (auto* someone : {&alice, &bob}) {
    someone->say("another text", "k1");
    CHECK(answer_to(*someone) == conflict);
  }
  visitor carol{hub, "?room=den"};
  carol.say("hello", "k1");
  conflict["room"] = "den";
  CHECK(answer_to(carol) == conflict);
  CHECK(say_and_get_ack(bob, "hello", "k1") == first);
  bob.say("bob's first");
  CHECK(bob.hears()["user_message_number"] == 1);
  CHECK(db.value("select count(*) from messages") == "2");
}

TEST_CASE("a key that another hub has stored is a key_conflict for another text") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  const auto first = say_and_get_ack(alice, "hello", "k1");
  bob.say("another text", "k1");
  const auto told = answer_to(bob);
  CHECK(told["code"] == "key_conflict");
  CHECK(told["key"] == "k1");
  CHECK(say_and_get_ack(bob, "hello", "k1") == first);
  CHECK(db.value("select count(*) from messages") == "1");
}

TEST_CASE_TEMPLATE("a key repeated in one burst is stored once, without a hole in the numbers",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  for (int i = 0; i < 60; ++i)
    alice.say("message " + std::to_string(i / 3), "k" + std::to_string(i / 3));
  for (int i = 0; i < 60; ++i) {
    auto ack = ack_of(alice);
    CHECK(ack["key"] == "k" + std::to_string(i / 3));
    CHECK(ack["user_message_number"] == i / 3 + 1);
  }
  for (int i = 0; i < 20; ++i) {
    auto message = bob.hears();
    CHECK(message["text"] == "message " + std::to_string(i));
    CHECK(message["user_message_number"] == i + 1);
  }
  CHECK(db.value("select count(*) from messages") == "20");
}

TEST_CASE("a key may have 64 characters of any kind") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  std::string emoji;
  for (int i = 0; i < 64; ++i)
    emoji += "😀";
  for (auto& key : {emoji, std::string(64, 'k'), std::string{"'); drop table messages; --"},
                    std::string{"{a,\"b\"}"}, std::string{"NULL"}, std::string{" "}})
    CHECK(say_and_get_ack(alice, "hello", key)["key"] == key);
}

TEST_CASE("keys that differ in case or in trailing spaces are different keys") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  int number = 0;
  for (auto key : {"k", "K", "k ", " k"})
    CHECK(say_and_get_ack(alice, "hello", key)["user_message_number"] == ++number);
}

TEST_CASE("a refused message leaves its key free") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say(std::string(1001, 'x'), "k1");
  CHECK(alice.gets("error")["code"] == "too_long");
  CHECK(say_and_get_ack(alice, "shorter", "k1")["user_message_number"] == 1);
}

TEST_CASE_TEMPLATE("every message is stored once though the hub is killed and all are sent again",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  auto send = [](visitor& someone, int count) {
    for (int i = 0; i < count; ++i)
      someone.say("message " + std::to_string(i), "k" + std::to_string(i));
  };
  for (auto count : {150, 300, 450}) {
    visitor alice{hub}, bob{hub};
    send(alice, count);
    while (!bob.hears()["text"].get<std::string>().ends_with('5')) {
    }
    hub.kill();
    hub.start();
  }
  visitor alice{hub};
  send(alice, 500);
  for (int i = 0; i < 500; ++i)
    CHECK(ack_of(alice)["key"] == "k" + std::to_string(i));
  CHECK(db.sql("select count(*), count(distinct text) from messages") == rows{{"500", "500"}});
}

TEST_CASE("a key sent again during an outage is stored once") {
  postgres db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  for (int round = 0; round < 3; ++round) {
    alice.say("hello", "k1");
    postgres::cluster().kill();
    bob.say("hello", "k1");
    postgres::cluster().start();
  }
  auto first = ack_of(alice);
  for (int round = 0; round < 2; ++round)
    CHECK(ack_of(alice) == first);
  for (int round = 0; round < 3; ++round)
    CHECK(ack_of(bob) == first);
  CHECK(db.value("select count(*) from messages") == "1");
}

TEST_SUITE_END();
