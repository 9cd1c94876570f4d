// A message that the database refuses is lost to its sender and affects no other message.
#include "tests/support/http.hpp"
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

void refuse_by_trigger(const postgres& db, bool raising) {
  db.sql("create function no_poison() returns trigger language plpgsql as $$ begin if new.text = "
         "'poison' then " +
         std::string(raising ? "raise exception 'not %', new.text;" : "return null;") +
         " end if; return new; end $$; create trigger no_poison before insert on messages for each "
         "row execute function no_poison()");
}

void refuse_by_trigger(const sqlite& db, bool raising) {
  db.sql("create trigger no_poison before insert on messages when new.text = 'poison' begin select "
         "raise(" +
         std::string(raising ? "abort, 'not poison'" : "ignore") + "); end");
}

/// During the lifetime of the returned session no commit ends, so the messages of that time become
/// one batch.
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

/// Receives `count` frames. Returns the texts of the messages, and all other frames.
std::pair<std::vector<std::string>, std::vector<json>> receive_sorted(visitor& someone, int count) {
  std::pair<std::vector<std::string>, std::vector<json>> all;
  while (count-- > 0) {
    auto frame = someone.hears_any();
    if (frame.is_null())
      throw timeout{"timed out waiting for all frames"};
    if (frame["type"] == "message")
      all.first.push_back(frame["text"]);
    else
      all.second.push_back(frame);
  }
  return all;
}

} // namespace

TEST_CASE_TEMPLATE("a refused message does not affect the others of its batch", database, sqlite,
                   postgres) {
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
  auto [messages, other_frames] = receive_sorted(alice, 50);
  CHECK(messages == texts);
  REQUIRE(other_frames.size() == 1);
  CHECK(other_frames[0]["code"] == "unstorable");
  CHECK(db.value("select count(*) from messages") == "49");
}

TEST_CASE_TEMPLATE("only the sender of a refused message gets an error", database, sqlite,
                   postgres) {
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

  CHECK(receive_sorted(alice, 41).second.empty());
  auto told = receive_sorted(mallory, 43).second;
  REQUIRE(told.size() == 2);
  if (told[0]["type"] == "ack") // the order of the two is not promised
    std::swap(told[0], told[1]);
  CHECK(told[0]["code"] == "unstorable");
  CHECK(told[0]["key"] == "key of poison");
  CHECK(told[1]["key"] == "another key");
  CHECK(told[1]["user_message_number"] == 1);
}

TEST_CASE_TEMPLATE("a batch of which every message is refused is answered message by message",
                   database, sqlite, postgres) {
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

TEST_CASE_TEMPLATE("a message that an operator's trigger refuses affects no other message",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, mallory{hub, "?room=elsewhere"};
  SUBCASE("by raising") {
    refuse_by_trigger(db, true);
  }
  SUBCASE("by dropping the row") {
    refuse_by_trigger(db, false);
  }
  for (int round = 0; round < 3; ++round) {
    auto held = hold_commits(db);
    mallory.say_all(numbered("harmless", 300));
    mallory.say("poison", "key " + std::to_string(round));
    mallory.say("poison");
    alice.say("hello", round ? "mine " + std::to_string(round) : "");
    held.reset();
    CHECK(receive_sorted(alice, round ? 2 : 1).first == std::vector<std::string>{"hello"});
    const auto [texts, other_frames] = receive_sorted(mallory, 302);
    CHECK(texts == numbered("harmless", 300));
    REQUIRE(other_frames.size() == 2);
    for (const auto& each : other_frames)
      CHECK(each["code"] == "unstorable");
  }
  CHECK(fetch(hub.port(), "/health").status == 200);
  CHECK(db.value("select max(user_message_number) from messages where room = 'elsewhere'") ==
        "900");
}

TEST_CASE("every hub shows a message as a trigger has changed it") {
  postgres db;
  hub first{db}, second{db};
  visitor alice{first}, bob{second}, carol{first, "?room=loud"}, dave{second, "?room=loud"};
  const auto acked = [](const auto& frames) {
    return frames.second.size() == 1 ? frames.second[0]["user_message_number"].template get<int>()
                                     : 0;
  };
  using texts = std::vector<std::string>;
  alice.say("before", "k0");
  CHECK(bob.hears()["text"] == "before");
  CHECK(receive_sorted(alice, 2).first == texts{"before"});
  db.sql("create function louder() returns trigger language plpgsql as $$ begin new.text = "
         "upper(new.text); if new.text = 'MOVED' then new.room = 'loud'; end if; return new; end "
         "$$; create trigger louder before insert on messages for each row execute function "
         "louder()");
  alice.say("hello", "k1");
  const auto loud = receive_sorted(alice, 2);
  CHECK(loud.first == texts{"HELLO"});
  CHECK(acked(loud) == 2);
  CHECK(bob.hears()["text"] == "HELLO");
  alice.say("moved", "k2");
  CHECK(carol.hears()["text"] == "MOVED");
  CHECK(dave.hears()["text"] == "MOVED");
  CHECK(acked(receive_sorted(alice, 1)) == 3);
  CHECK(bob.hears_any(0s).is_null());
  CHECK(visitor{second}.init["history"].back()["text"] == "HELLO");
}

TEST_SUITE_END();
