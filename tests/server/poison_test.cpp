// A message that the database refuses costs its sender that message, and nobody else anything.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("poison");

namespace {

void refuse_poison(const postgres& db) {
  db.sql("alter table messages add constraint no_poison check (text not like 'poison%')");
}

void refuse_poison(const sqlite& db) {
  db.sql("create trigger no_poison before insert on messages when new.text like 'poison%' "
         "begin select raise(abort, 'no poison'); end");
}

/// While it lives, no commit ends: what is sent meanwhile becomes one batch.
std::unique_ptr<sql_session> hold_commits(const postgres& db) {
  auto session = db.session();
  session->sql("begin; lock table messages in exclusive mode");
  return session;
}

std::unique_ptr<sql_session> hold_commits(const sqlite& db) {
  auto session = db.session();
  session->sql("begin immediate");
  return session;
}

/// So many frames that someone gets: the texts of messages, and what else there is.
std::pair<std::vector<std::string>, std::vector<json>> sorted(visitor& someone, int count) {
  std::pair<std::vector<std::string>, std::vector<json>> all;
  while (count-- > 0) {
    auto frame = someone.hears_any();
    if (frame.is_null())
      throw timeout{"waited in vain for all frames"};
    if (frame["type"] == "message")
      all.first.push_back(frame["text"]);
    else
      all.second.push_back(frame);
  }
  return all;
}

} // namespace

TEST_CASE_TEMPLATE("one poisonous message in a batch costs its neighbours nothing", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  refuse_poison(db);
  auto texts = numbered("message", 50);
  texts[24] = "poison";
  auto held = hold_commits(db);
  alice.say_all(texts);
  held.reset();

  texts.erase(texts.begin() + 24);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto message = bob.hears();
    CHECK(message["text"] == texts[i]);
    CHECK(message["user_message_number"] == i + 1);
  }
  auto [messages, others] = sorted(alice, 50);
  CHECK(messages == texts);
  REQUIRE(others.size() == 1);
  CHECK(others[0]["code"] == "unstorable");
  CHECK(db.value("select count(*) from messages") == "49");
}

TEST_CASE_TEMPLATE("only who sent poison is told", database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, mallory{hub};
  refuse_poison(db);
  auto held = hold_commits(db);
  alice.say_all(numbered("message", 20));
  mallory.say("poison", "key of poison");
  mallory.say("harmless", "another key");
  alice.say_all(numbered("more", 20));
  held.reset();

  CHECK(sorted(alice, 41).second.empty());
  auto told = sorted(mallory, 43).second;
  REQUIRE(told.size() == 2);
  if (told[0]["type"] == "ack") // which of the two comes first is not promised
    std::swap(told[0], told[1]);
  CHECK(told[0]["code"] == "unstorable");
  CHECK(told[0]["key"] == "key of poison");
  CHECK(told[1]["key"] == "another key");
  CHECK(told[1]["user_message_number"] == 1);
}

TEST_CASE_TEMPLATE("a whole batch of poison is refused message by message", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  refuse_poison(db);
  alice.say_all(numbered("poison", 20));
  for (int i = 0; i < 20; ++i)
    CHECK(alice.gets("error")["code"] == "unstorable");
  alice.say("harmless");
  CHECK(alice.hears()["user_message_number"] == 1);
}

TEST_SUITE_END();
