// The hub's log never contains the texts of messages, keys or tokens, whatever fails.
#include "tests/support/http.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <set>
#include <sys/resource.h>

using namespace test;

TEST_SUITE_BEGIN("log secrets");

TEST_CASE("the log names no message at level info, and no text of a message at level debug") {
  sqlite db;
  for (const auto* debug : {"false", "true"}) {
    hub hub{db, {{"DEBUG", debug}}};
    visitor alice{hub};
    alice.say("a secret between us", "key");
    std::multiset<std::string> heard{alice.hears_any()["type"], alice.hears_any()["type"]};
    CHECK(heard == std::multiset<std::string>{"ack", "message"});
    alice.leave();
    hub.stop();
    const auto log = hub.server().output(stream::out);
    CHECK(log.find("secret") == std::string::npos);
    for (const auto* what : {" opens in lobby", " has said 19 bytes, with a key",
                             " has message 1 as its number 1", " is gone"})
      CHECK((log.find("connection " + alice.id() + what) != std::string::npos) ==
            (debug == std::string{"true"}));
    db.sql("delete from messages");
    db.sql("delete from sqlite_sequence");
  }
}

namespace {

/// A database, and what makes it fail when a hub on it stores a message.
struct database_fault {
  std::unique_ptr<database> db = {};
  std::function<void(hub&)> spoil = {}; ///< Call it after the hub has made its tables.
  bool refused = true;                  ///< Whether the database refuses the message itself.
};

template<class Database>
database_fault sql_fault(const std::string& text) {
  auto db = std::make_unique<Database>();
  auto spoil = [&db = *db, text](hub&) { db.sql(text); };
  return {std::move(db), std::move(spoil)};
}

database_fault trigger_fault(const std::string& body) {
  return sql_fault<postgres>(
      "create function meddle() returns trigger language plpgsql as $$ begin " + body +
      " return new; end $$; create trigger meddler before insert on messages for each row execute "
      "function meddle()");
}

database_fault full_disk_fault() {
  return {std::make_unique<sqlite>(),
          [](hub& where) {
            const rlimit none{0, RLIM_INFINITY};
            REQUIRE(::prlimit(where.server().pid(), RLIMIT_FSIZE, &none, nullptr) == 0);
          },
          false};
}

/// Makes one subcase of each fault and returns the fault of the current run.
database_fault each_fault() {
  database_fault out;
  SUBCASE("PostgreSQL: a trigger that quotes") {
    out =
        trigger_fault("raise exception 'not %', new.text using detail = new.key, hint = new.text;");
  }
  SUBCASE("PostgreSQL: a trigger that quotes, and says that the disk is full") {
    out = trigger_fault("raise exception 'not %', new.text using errcode = '53100';");
  }
  SUBCASE("PostgreSQL: a trigger that warns") {
    out = trigger_fault("raise warning 'heed %', new.text;");
    out.refused = false;
  }
  SUBCASE("PostgreSQL: a trigger that executes the text") {
    out = trigger_fault("execute new.text;");
  }
  SUBCASE("PostgreSQL: a check") {
    out = sql_fault<postgres>("alter table messages add check (text not like '%planted%')");
  }
  SUBCASE("PostgreSQL: a unique index") {
    out = sql_fault<postgres>(
        "create unique index one on messages ((case when text like '%planted%' then 1 "
        "end)); insert into messages (text, connection_id, user_message_number) values "
        "('planted', gen_random_uuid(), 1)");
  }
  SUBCASE("PostgreSQL: an index of numbers") {
    out = sql_fault<postgres>("create index numbers on messages ((cast(text as int)))");
  }
  SUBCASE("PostgreSQL: an index of types") {
    out = sql_fault<postgres>(
        "create function named(text) returns regtype immutable language sql return "
        "cast($1 as regtype); create index types on messages (named(text))");
  }
  SUBCASE("SQLite: a trigger") {
    out = sql_fault<sqlite>(
        "create trigger meddler before insert on messages begin select raise(abort, 'no'); "
        "end");
  }
  SUBCASE("SQLite: a trigger's expression") {
    out = sql_fault<sqlite>("create trigger meddler before insert on messages begin select "
                            "json_extract('{}', new.text); end");
  }
  SUBCASE("SQLite: a check") {
    out = sql_fault<sqlite>(
        "create unique index one on messages ((text like '%planted%')); insert into messages "
        "(text, connection_id, user_message_number, created_at) values ('planted', 'x', 1, "
        "'')");
  }
  SUBCASE("SQLite: no room") {
    out = full_disk_fault();
  }
  return out;
}

} // namespace

TEST_CASE("no database error brings the text or the key of a message into the log") {
  const auto fault = each_fault();
  hub hub{*fault.db, {{"DEBUG", "true"}}};
  {
    visitor alice{hub};
    fault.spoil(hub);
    alice.say("planted word", "planted key");
    json told;
    eventually("an answer, or the hub to say why there is none", [&] {
      told = alice.hears_any(100ms);
      if (fault.refused && told.is_object() && told["type"] == "message")
        told = nullptr; // a row of the database's own, which is shown as well
      return !told.is_null() || hub.server().log().find("the log is away") != std::string::npos;
    });
    if (fault.refused)
      CHECK(told["code"] == "unstorable");
  }
  fetch(hub.port(), "/health");
  hub.stop();
  const auto log = hub.server().log();
  CHECK(log.find("planted") == std::string::npos);
  if (fault.refused)
    CHECK(log.find("what the database refuses: ") != std::string::npos);
}

TEST_CASE("the log contains no token, valid or not, and no secret of the hub") {
  // {"sub":"Ada"}, signed with the secret below, without an expiry.
  const std::string good = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJBZGEifQ."
                           "gw5U1QMGUEDDXtm7BO_70diOWzVVy1TM-MRm9vuvED8";
  const auto all_but_signature = good.substr(0, good.rfind('.') + 1);
  for (const auto& token : {good, all_but_signature + "AAAA"}) {
    sqlite db;
    hub hub{db,
            {{"DEBUG", "true"},
             {"JWT_SECRET", "a secret of the hub that is long enough"},
             {"ADMIN_TOKEN", "admins-own"}}};
    for (const auto& [target, fields] : std::initializer_list<std::pair<std::string, headers>>{
             {"/ws?access_token=" + token, {}},
             {"/ws", {{"Authorization", "Bearer " + token}}},
             {"/ws", {{"Sec-WebSocket-Protocol", "hubbub, bearer." + token}}},
             {"/ws?room=no/room&access_token=" + token, {}},
             {"/ws?access_token=" + token, {{"Origin", "http://elsewhere"}}},
             {"/messages?access_token=" + token, {}}}) {
      try {
        ws_client{hub.port(), target, fields}.leave();
      } catch (const refused&) {
      }
    }
    for (const auto* admin : {"admins-own", "admins-not"})
      fetch(hub.port(),
            request{"GET", "/metrics", {{"Authorization", "Bearer " + std::string{admin}}}});
    connection client{hub.port()};
    client.send("GET /ws?access_token=" + token + " NONSENSE\r\n\r\n");
    CHECK(client.read_until_closed().starts_with("HTTP/1.1 400"));
    hub.stop();

    const auto log = hub.server().log();
    const auto* told = token == good ? "opens in lobby" : "a WebSocket is refused with 401";
    CHECK(log.find(told) != std::string::npos);
    for (const auto& secret : {token.substr(0, 20), token.substr(token.rfind('.')),
                               std::string{"a secret of"}, std::string{"admins-"}})
      CHECK(log.find(secret) == std::string::npos);
  }
}

TEST_CASE("the log contains PostgreSQL's notices, without texts of messages") {
  postgres db;
  {
    hub first{db};
    visitor alice{first};
    eventually("the connection to other hubs",
               [&] { return db.value("select count(*) from hubbub_hubs") == "1"; });
    first.stop();
    CHECK(first.server().output(stream::err).empty());
    INFO(first.server().output(stream::out));
    CHECK(first.server().output(stream::out).find(" warning ") == std::string::npos);
    CHECK(first.server().output(stream::out).find(" 0 more like it") == std::string::npos);
  }
  db.sql("create function shouts() returns trigger language plpgsql as $$ begin raise warning "
         "'heard %', new.text; return new; end $$; create trigger shouts before insert on messages "
         "for each row execute function shouts()");
  hub second{db};
  visitor bob{second};
  bob.say("a secret between us");
  bob.hears();
  second.stop();
  CHECK(second.server().output(stream::err).empty());
  const auto log = second.server().output(stream::out);
  CHECK(log.find("PostgreSQL says WARNING 01000: a function or trigger has a word") != log.npos);
  CHECK(log.find("secret between") == log.npos);
}

TEST_SUITE_END();
