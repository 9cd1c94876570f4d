// GET /messages?q=: the messages of a room that have all words of a search.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("messages");

namespace {

std::vector<std::string> texts(const json& page) {
  return each<std::string>(page.at("messages"), "text");
}

/// Waits until the index is made.
void await_index(const hub& hub) {
  eventually("messages can be searched",
             [&] { return fetch(hub.port(), "/messages?q=word").status == 200; });
}

} // namespace

TEST_CASE_TEMPLATE("messages are searched, also those before SEARCH was set", database, sqlite,
                   postgres) {
  database db;
  {
    hub hub{db};
    visitor alice{hub};
    alice.say("old words, \xC3\x84pfel & more");
    alice.hears();
    const auto answer = fetch(hub.port(), "/messages?q=words");
    CHECK(answer.status == 400);
    CHECK(answer.json()["code"] == "no_search");
    CHECK(answer.json()["detail"].is_string());
    CHECK(fetch(hub.port(), "/messages?q=").json()["code"] == "no_search");
  }
  {
    hub hub{db, {{"SEARCH", "true"}}};
    await_index(hub);
    visitor alice{hub}, bob{hub, "?room=garden"};
    bob.say("words elsewhere");
    bob.hears();
    alice.say_all(numbered("more words", 9));
    alice.hears_texts(9);
    const auto first = fetch(hub.port(), "/messages?q=WORDS+more&limit=6");
    CHECK(first.status == 200);
    auto found = texts(first.json());
    CHECK(found.size() == 6);
    const auto next = first.json()["next"].template get<std::string>();
    CHECK(next.find("&q=WORDS%20more&") != next.npos);
    CHECK(first.field("Link") == "<" + next + ">; rel=\"next\"");
    const auto last = fetch(hub.port(), '/' + next).json();
    CHECK(last["next"] == nullptr);
    for (const auto& text : texts(last))
      found.push_back(text);
    REQUIRE(found.size() == 10);
    CHECK(found.back() == "old words, \xC3\x84pfel & more");
    CHECK(texts(fetch(hub.port(), "/messages?q=%C3%A4PFEL").json()).size() == 1);
    CHECK(texts(fetch(hub.port(), "/messages?q=words&room=garden").json()).size() == 1);
    CHECK(texts(fetch(hub.port(), "/messages?q=nothing").json()).empty());
    for (const auto* query :
         {"q=", "q=...", "q=%00", "q=a%FF", "q=a&after=1", "q=a&at=2026-01-31T09:30:00Z"}) {
      CAPTURE(query);
      const auto answer = fetch(hub.port(), std::string("/messages?") + query);
      CHECK(answer.status == 400);
      CHECK(answer.json()["detail"].template get<std::string>().size() > 20);
    }
    CHECK(fetch(hub.port(), "/messages?q=" + std::string(201, 'a')).status == 400);
    CHECK(texts(fetch(hub.port(), "/messages?q=%22words%22*+AND+NEAR%28").json()).empty());
    CHECK(fetch(hub.port(), "/messages?limit=200").json()["messages"].size() == 10);
  }
  hub hub{db};
  visitor alice{hub};
  alice.say("words without an index");
  alice.hears();
  CHECK(fetch(hub.port(), "/messages?q=words").json()["code"] == "no_search");
}

TEST_CASE("an index that is lost is made again, and meanwhile a search answers 503") {
  postgres db;
  hub hub{db, {{"SEARCH", "true"}}};
  await_index(hub);
  visitor alice{hub};
  alice.say("a word");
  alice.hears();
  db.sql("drop index hubbub_search");
  const auto lost = fetch(hub.port(), "/messages?q=word");
  CHECK(lost.status == 503);
  CHECK(lost.field("Retry-After") != "");
  await_index(hub);
  CHECK(texts(fetch(hub.port(), "/messages?q=word").json()).size() == 1);
}

TEST_CASE("while another session has locked the table, a hub serves and a search answers 503") {
  postgres db;
  {
    hub hub{db};
    visitor alice{hub};
    alice.say("a word");
    alice.hears();
  }
  const auto other = db.session();
  other->sql("begin; lock table messages in share update exclusive mode");
  hub hub{db, {{"SEARCH", "true"}}};
  visitor alice{hub};
  alice.say("another word");
  alice.hears();
  const auto answer = fetch(hub.port(), "/messages?q=word");
  CHECK(answer.status == 503);
  CHECK(answer.field("Retry-After") == "5");
  other->sql("rollback");
  await_index(hub);
  CHECK(texts(fetch(hub.port(), "/messages?q=word").json()).size() == 2);
}

TEST_CASE("a hub that makes an index stops at once") {
  postgres db;
  {
    hub hub{db};
    visitor alice{hub};
  }
  const auto other = db.session();
  other->sql("begin; insert into messages (text, connection_id, user_message_number) values ('a "
             "word', gen_random_uuid(), 1)"); // the build waits for this transaction
  {
    hub hub{db, {{"SEARCH", "true"}}};
    eventually("the build waits", [&] {
      return db.value("select count(*) from pg_stat_activity where query like 'create index "
                      "concurrently%' and wait_event_type = 'Lock' and datname = "
                      "current_database()") == "1";
    });
    CHECK(hub.stop() == 0);
  }
  other->sql("commit");
  hub hub{db, {{"SEARCH", "true"}}};
  await_index(hub);
  CHECK(texts(fetch(hub.port(), "/messages?q=word").json()).size() == 1);
}

TEST_SUITE_END();
