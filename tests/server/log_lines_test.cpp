// The hub's own log, as a person and as a program read it.
#include "tests/support/http.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <openssl/evp.h>
#include <openssl/hmac.h>
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
    const auto line = json::parse(hub.line(stream::out));
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
    json told;
    eventually("an answer, or the hub to say why there is none", [&] {
      told = alice.hears_any(100ms);
      return !told.is_null() || where->server().log().find("the log is away") != std::string::npos;
    });
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

namespace {

const std::string jwt_secret = "a secret of the hub that is long enough";

std::string base64url(std::string_view bytes) {
  std::string out(4 * (bytes.size() / 3 + 1) + 1, '\0');
  const auto size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()));
  out.resize(std::size_t(size));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  return out;
}

std::string signed_token(const std::string& head, const std::string& claims,
                         const std::string& secret = jwt_secret) {
  const auto text = base64url(head) + '.' + base64url(claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), int(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + '.' + base64url({reinterpret_cast<const char*>(mac), size});
}

} // namespace

TEST_CASE("a refused upgrade is told with its reason, Origin, Host and path, and nothing secret") {
  sqlite db;
  hub hub{db};
  const auto host = "127.0.0.1:" + std::to_string(hub.port());
  for (const auto* origin : {"http://evil.example", "http://\xc3\xa9vil\texample\"x\\"})
    CHECK_THROWS_AS((ws_client{hub.port(), "/ws?room=a&access_token=geheim", {{"Origin", origin}}}),
                    refused);
  CHECK_THROWS_AS((ws_client{hub.port(), "/chat/ws?access_token=geheim"}), refused);
  hub.stop();
  const auto log = hub.server().log();
  INFO(log);
  const std::string no = "a WebSocket is refused with 403, Pages of this origin may not connect "
                         "here: origin \"http://";
  CHECK(log.find(no + "evil.example\", host \"" + host + "\", path \"/ws\", from 127.0.0.1\n") !=
        log.npos);
  CHECK(log.find(no + R"(\xc3\xa9vil\x09example\x22x\x5c", host)") != log.npos);
  CHECK(log.find("a WebSocket is refused with 404, Not Found: origin none, host \"" + host +
                 "\", path \"/chat/ws\"") != log.npos);
  CHECK(log.find("geheim") == log.npos);
}

TEST_CASE("a refused token is told with its claim and the reason, and never by what it holds") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}}};
  const std::string head = R"({"alg":"HS256","typ":"JWT"})";
  const std::vector<std::pair<std::string, std::string>> all{
      {"nonsense", "it is no JSON Web Token"},
      {signed_token(R"({"alg":"HS384"})", R"({"sub":"Hidden"})"), "alg is not HS256"},
      {signed_token(head, R"({"sub":"Hidden"})", "another secret of another hub"),
       "its signature is not by the hub's key"},
      {signed_token(head, R"({"sub":"Hidden","exp":1000000000})"), "exp has passed"},
      {signed_token(head, R"({"sub":"Hidden","exp":"Hidden"})"), "exp is no number"},
      {signed_token(head, R"({"sub":"Hidden","nbf":99999999999})"), "nbf is still to come"},
      {signed_token(head, R"({"sub":["Hidden"]})"), "sub is no text"},
      {signed_token(head, R"({"rooms":"Hidden"})"), "rooms is no list"},
      {signed_token(head, R"({"rooms":["Hidden"]})"), "rooms does not name this one"},
      {signed_token(R"({"alg":"HS256","crit":["exp"]})", R"({"sub":"Hidden"})"),
       "crit names an extension"}};
  for (const auto& [token, why] : all) {
    CAPTURE(why);
    CHECK_THROWS_AS((ws_client{hub.port(), "/ws?access_token=" + token}), refused);
    const auto answer = fetch(hub.port(), "/messages?access_token=" + token);
    CHECK(answer.status == (why.starts_with("rooms does") ? 403 : 401));
    CHECK(answer.body.find(why) == answer.body.npos);
  }
  CHECK_THROWS_AS((ws_client{hub.port()}), refused);
  hub.stop();
  const auto log = hub.server().log();
  INFO(log);
  for (const auto& [token, why] : all) {
    CHECK(log.find('(' + why + "): origin none, host \"127.0.0.1") != log.npos);
    CHECK(log.find(token.substr(0, 20)) == log.npos);
  }
  CHECK(log.find("a WebSocket is refused with 401, A valid token is needed (there is none): ") !=
        log.npos);
  CHECK(log.find("a request is refused with 401, A valid token is needed (exp has passed): ") !=
        log.npos);
  CHECK(log.find("Hidden") == log.npos);
}

TEST_CASE("what PostgreSQL says by the way is in the log, without what people say") {
  postgres db;
  {
    hub first{db};
    visitor alice{first};
    eventually("the other hubs to be heard",
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
