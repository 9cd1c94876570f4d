// The hub's own log, as a person and as a program read it.
#include "tests/support/http.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <deque>
#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <sys/resource.h>

using namespace test;

TEST_SUITE_BEGIN("log lines");

TEST_CASE("in json each line is an object with time, level and message") {
  sqlite db;
  process hub{hub_command(
      {{"HOST", "127.0.0.1"}, {"PORT", "0"}, {"DATABASE_URL", db.url()}, {"LOG_FORMAT", "json"}})};
  for (int i = 0; i < 3; ++i) {
    const auto line = json::parse(hub.line(stream::out, 20s));
    CHECK(std::regex_match(line.at("time").get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
    CHECK(line.at("level") == "info");
    CHECK(!line.at("message").get<std::string>().empty());
    CHECK(line.size() == 3);
  }
}

TEST_CASE("no line at info tells what people say, and at debug none tells its text") {
  sqlite db;
  for (const auto* debug : {"false", "true"}) {
    hub hub{db, {{"DEBUG", debug}}};
    visitor alice{hub};
    alice.say("a secret between us", "key");
    std::multiset<std::string> heard{alice.hears_any(10s)["type"], alice.hears_any(10s)["type"]};
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

TEST_CASE("no error of a database brings what people say, or their keys, into the log") {
  std::unique_ptr<database> db;
  std::function<void()> spoil;
  bool refused = true;
  const auto on_postgres = [&](const std::string& text) {
    db = std::make_unique<postgres>();
    spoil = [&db, text] { db->sql(text); };
  };
  const auto on_sqlite = [&](const std::string& text) {
    db = std::make_unique<sqlite>();
    spoil = [&db, text] { db->sql(text); };
  };
  const auto trigger = [&](const std::string& body) {
    on_postgres("create function meddle() returns trigger language plpgsql as $$ begin " + body +
                " return new; end $$; create trigger meddler before insert on messages for each "
                "row execute function meddle()");
  };
  std::unique_ptr<hub> where;
  SUBCASE("PostgreSQL: a trigger that quotes") {
    trigger("raise exception 'not %', new.text using detail = new.key, hint = new.text;");
  }
  SUBCASE("PostgreSQL: a trigger that quotes, and says that the disk is full") {
    trigger("raise exception 'not %', new.text using errcode = '53100';");
  }
  SUBCASE("PostgreSQL: a trigger that warns") {
    trigger("raise warning 'heed %', new.text;");
    refused = false;
  }
  SUBCASE("PostgreSQL: a trigger that runs what people say") {
    trigger("execute new.text;");
  }
  SUBCASE("PostgreSQL: a check") {
    on_postgres("alter table messages add check (text not like '%planted%')");
  }
  SUBCASE("PostgreSQL: a unique index") {
    on_postgres("create unique index one on messages ((case when text like '%planted%' then 1 "
                "end)); insert into messages (text, connection_id, user_message_number) values "
                "('planted', gen_random_uuid(), 1)");
  }
  SUBCASE("PostgreSQL: an index of numbers") {
    on_postgres("create index numbers on messages ((cast(text as int)))");
  }
  SUBCASE("PostgreSQL: an index of types") {
    on_postgres("create function named(text) returns regtype immutable language sql return "
                "cast($1 as regtype); create index types on messages (named(text))");
  }
  SUBCASE("SQLite: a trigger") {
    on_sqlite("create trigger meddler before insert on messages begin select raise(abort, 'no'); "
              "end");
  }
  SUBCASE("SQLite: a trigger's expression") {
    on_sqlite("create trigger meddler before insert on messages begin select "
              "json_extract('{}', new.text); end");
  }
  SUBCASE("SQLite: a check") {
    on_sqlite("create unique index one on messages ((text like '%planted%')); insert into messages "
              "(text, connection_id, user_message_number, created_at) values ('planted', 'x', 1, "
              "'')");
  }
  SUBCASE("SQLite: no room") {
    db = std::make_unique<sqlite>();
    refused = false;
    spoil = [&] {
      const rlimit none{0, RLIM_INFINITY};
      REQUIRE(::prlimit(where->server().pid(), RLIMIT_FSIZE, &none, nullptr) == 0);
    };
  }
  where = std::make_unique<hub>(*db, settings{{"DEBUG", "true"}});
  {
    visitor alice{*where};
    spoil();
    alice.say("planted word", "planted key");
    const auto told = alice.hears_any(3s);
    if (refused)
      CHECK(told["code"] == "unstorable");
  }
  fetch(where->port(), "/health");
  where->stop();
  const auto log = where->server().log();
  CHECK(log.find("planted") == std::string::npos);
  if (refused)
    CHECK(log.find("what the database refuses: ") != std::string::npos);
}

TEST_CASE("no line tells a secret, neither a token, good or bad, nor the hub's own") {
  // {"sub":"Ada"}, signed by the secret below, for ever.
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
    connection line{hub.port()};
    line.send("GET /ws?access_token=" + token + " NONSENSE\r\n\r\n");
    CHECK(line.read_until_closed().starts_with("HTTP/1.1 400"));
    hub.stop();

    const auto log = hub.server().log();
    const auto* told = token == good ? "opens in lobby" : "a WebSocket is refused with 401";
    CHECK(log.find(told) != std::string::npos);
    for (const auto& secret : {token.substr(0, 20), token.substr(token.rfind('.')),
                               std::string{"a secret of"}, std::string{"admins-"}})
      CHECK(log.find(secret) == std::string::npos);
  }
}

TEST_CASE("strangers cannot write the log full, and what is not told is counted") {
  sqlite db;
  std::string format;
  SUBCASE("as text") {
    format = "text";
  }
  SUBCASE("in json") {
    format = "json";
  }
  hub hub{db, {{"MAX_CONNECTIONS", "4"}, {"LOG_FORMAT", format}, {"RATE_LIMIT", "100"}}};
  const auto began = std::chrono::steady_clock::now();
  std::deque<visitor> inside;
  for (int i = 0; i < 4; ++i)
    inside.emplace_back(hub);
  const int handshakes = 300, requests = 300, frames = 3000;
  for (int i = 0; i < handshakes; ++i)
    CHECK_THROWS_AS(ws_client{hub.port()}, refused);
  for (int i = 0; i < requests; ++i) {
    connection line{hub.port()};
    line.send("NONSENSE\r\n\r\n");
    CHECK(line.read_until_closed().starts_with("HTTP/1.1 400"));
  }
  for (auto& each : inside) { // none may say a thousand of them
    for (int i = 0; i < frames / 4; ++i)
      each.send_text("nonsense");
    for (int i = 0; i < frames / 4; ++i)
      CHECK(each.gets("error")["code"] != "");
    each.leave();
  }
  CHECK(hub.stop() == 0);
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();

  std::map<std::string, int> told;
  int lines = 0;
  std::istringstream log{hub.server().output(stream::out)};
  for (std::string line; std::getline(log, line); ++lines) {
    if (format == "json")
      CHECK(json::parse(line).size() == 3);
    std::smatch more;
    const bool sum = std::regex_search(line, more, std::regex(R"(and (\d+) more like it)"));
    for (const auto* what :
         {"a WebSocket is refused", "a request is refused", "a frame is refused"})
      if (line.find(what) != std::string::npos)
        told[what] += sum ? 1 + std::stoi(more[1]) : 1;
  }
  CHECK(told["a WebSocket is refused"] == handshakes);
  CHECK(told["a request is refused"] == requests);
  CHECK(told["a frame is refused"] == frames);
  // Of five kinds (frames are refused as too fast, and as no JSON), and the start and the end.
  CHECK(lines <= 5 * 3 * (seconds + 1) + 5 * (seconds / 10 + 1) + 6);
  CHECK(lines < 100 + 15 * seconds);
}

TEST_SUITE_END();
