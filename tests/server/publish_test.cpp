// POST /messages: messages that come over HTTP, one or many at once.
#include "tests/server/publication.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("publish");

namespace {

json text(const std::string& text, const std::string& key = "") {
  json out{{"text", text}};
  if (!key.empty())
    out["key"] = key;
  return out;
}

json texts(const std::vector<std::string>& all) {
  auto out = json::array();
  for (const auto& each : all)
    out.push_back(text(each));
  return out;
}

std::string stored(const database& db) {
  return db.value("select count(*) from messages");
}

} // namespace

TEST_CASE_TEMPLATE("one message is stored, shown, and answered with its row", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  const auto answer = publish(hub, {{"text", "hello"}, {"data", {{"order", 7}}}, {"key", "k"}});
  CHECK(answer.status == 201);
  CHECK(answer.field("Content-Type") == "application/json");
  const auto body = answer.json();
  CHECK(body.size() == 2);
  CHECK(body["log"] == alice.init["log"]);
  REQUIRE(body["messages"].size() == 1);
  const auto& row = body["messages"][0];
  const auto shown = alice.hears();
  CHECK(row.size() == 6);
  for (const auto* field : {"id", "room", "connection_id", "user_message_number", "created_at"})
    CHECK(row[field] == shown[field]);
  CHECK(row["room"] == "lobby");
  CHECK(row["user_message_number"] == 1);
  CHECK(row["repeated"] == false);
  CHECK(shown["text"] == "hello");
  CHECK(shown["data"] == json{{"order", 7}});
}

TEST_CASE_TEMPLATE("the messages of an array are numbered from 1, in their order and their rooms",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub, "?room=a"}, bob{hub, "?room=b"};
  auto all = texts(numbered("message", 6));
  all[1]["room"] = all[4]["room"] = "b";
  const auto answer = publish(hub, all, {}, "/messages?room=a");
  CHECK(answer.status == 201);
  CHECK(published<int>(answer, "id") == std::vector<int>{1, 2, 3, 4, 5, 6});
  CHECK(published<int>(answer, "user_message_number") == std::vector<int>{1, 2, 3, 4, 5, 6});
  CHECK(published<std::string>(answer, "room") ==
        std::vector<std::string>{"a", "b", "a", "a", "b", "a"});
  CHECK(alice.hears_texts(4) ==
        std::vector<std::string>{"message 1", "message 3", "message 4", "message 6"});
  CHECK(bob.hears_texts(2) == std::vector<std::string>{"message 2", "message 5"});
  const auto next = publish(hub, text("another"));
  CHECK(published<int>(next, "user_message_number") == std::vector<int>{1});
  CHECK(published<std::string>(next, "connection_id") !=
        std::vector{published<std::string>(answer, "connection_id")[0]});
}

TEST_CASE_TEMPLATE("a repeated key is answered with the row that was stored first", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  const auto first = publish(hub, text("one", "a"));
  const auto again = publish(hub, text("one", "a"));
  CHECK(again.status == 200);
  for (const auto* field : {"id", "room", "connection_id", "user_message_number", "created_at"})
    CHECK(again.json()["messages"][0][field] == first.json()["messages"][0][field]);
  CHECK(again.json()["messages"][0]["repeated"] == true);
  const auto mixed =
      publish(hub, {text("two", "b"), text("one", "a"), text("two", "b"), text("x")});
  CHECK(mixed.status == 201);
  CHECK(published<int>(mixed, "id") == std::vector<int>{2, 1, 2, 3});
  CHECK(published<bool>(mixed, "repeated") == std::vector<bool>{false, true, true, false});
  CHECK(published<int>(mixed, "user_message_number") == std::vector<int>{1, 1, 1, 2});
  CHECK(publish(hub, {text("two", "b"), text("one", "a")}).status == 200);
  CHECK(stored(db) == "3");
}

TEST_CASE_TEMPLATE("one conflict of keys keeps a whole request from being stored", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  publish(hub, text("one", "a"));
  CHECK(error_of(publish(hub, {text("new"), text("new", "b"), text("other", "a")})) ==
        "422 key_conflict 2");
  CHECK(error_of(publish(hub, {text("new", "b"), text("new"), text("other", "b")})) ==
        "422 key_conflict 2");
  CHECK(error_of(publish(hub, text("other", "a"))) == "422 key_conflict 0");
  CHECK(stored(db) == "1");
  CHECK(publish(hub, text("new", "b")).status == 201);
}

TEST_CASE_TEMPLATE("a message that the database refuses is named, and nothing is stored", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  publish(hub, text("creates the table"));
  if (db.url().starts_with("postgres"))
    db.sql("alter table messages add constraint no_poison check (text not like 'poison%')");
  else
    db.sql("create trigger no_poison before insert on messages when new.text like 'poison%' "
           "begin select raise(abort, 'no poison'); end");
  for (const std::size_t bad : {0, 1, 77, 199}) {
    auto all = numbered("message", 200);
    all[bad] = "poison";
    CHECK(error_of(publish(hub, texts(all))) == "422 unstorable " + std::to_string(bad));
  }
  CHECK(error_of(publish(hub, text("poison"))) == "422 unstorable 0");
  CHECK(stored(db) == "1");
  const auto well = publish(hub, texts(numbered("message", 200)));
  CHECK(well.status == 201);
  CHECK(published<int>(well, "user_message_number").back() == 200);
}

TEST_CASE("1000 messages are one request, and 1001 are none") {
  sqlite db;
  hub hub{db};
  const auto answer = publish(hub, texts(numbered("message", 1000)));
  CHECK(answer.status == 201);
  CHECK(published<int>(answer, "user_message_number").back() == 1000);
  CHECK(error_of(publish(hub, texts(numbered("message", 1001)))) == "400 too_long");
  CHECK(error_of(publish(hub, json::array())) == "400 empty");
  CHECK(stored(db) == "1000");
}

TEST_CASE("each message is checked as a frame is, and the bad one is named") {
  sqlite db;
  hub hub{db};
  const std::string good = R"({"text":"good"})", long_text(1001, 'x'), long_key(65, 'k');
  for (const auto& [bad, code] : std::vector<std::pair<std::string, std::string>>{
           {R"({"text":"x"})", ""},
           {R"({"text":"x","more":[1,2],"type":"hello"})", ""},
           {R"({"text":"x",})", "bad_json"},
           {"7", "not_object"},
           {"[]", "not_object"},
           {"{}", "no_text"},
           {R"({"text":null})", "no_text"},
           {R"({"text":""})", "empty"},
           {R"({"text":")" + long_text + "\"}", "too_long"},
           {R"({"data":")" + std::string(9000, 'x') + "\"}", "too_long"},
           {R"({"text":"\u0000"})", "nul"},
           {R"({"text":"\ud800"})", "surrogate"},
           {R"({"text":"x","key":""})", "bad_key"},
           {R"({"text":"x","key":")" + long_key + "\"}", "bad_key"},
           {R"({"text":"x","room":"a b"})", "bad_room"},
           {R"({"text":"x","room":7})", "bad_room"}}) {
    CAPTURE(bad);
    const auto many = fetch(hub.port(), publication("[" + good + "," + bad + "]"));
    const bool other_at_top = bad == "[]"; // an empty array
    if (code.empty()) {
      CHECK(many.status == 201);
      CHECK(fetch(hub.port(), publication(bad)).status == 201);
      continue;
    }
    CHECK(error_of(many) == "400 " + code + " 1");
    if (!other_at_top)
      CHECK(error_of(fetch(hub.port(), publication(bad))) == "400 " + code + " 0");
  }
  for (const auto* broken : {"", " ", "nothing", "[", "[{\"text\":\"x\"}", "[{\"text\":\"x\"},]",
                             "[{\"text\":\"x\"}]]", "{\"text\":\"x\"}}", "\xff"}) {
    CAPTURE(std::string(broken));
    if (*broken)
      CHECK(error_of(fetch(hub.port(), publication(broken))).starts_with("400 bad_json"));
  }
  CHECK(fetch(hub.port(), publication(" \n[ {\"text\":\"x\"} , {\"text\":\"y\"} ] \n")).status ==
        201);
}

TEST_CASE("Idempotency-Key is the key of a single message") {
  sqlite db;
  hub hub{db};
  CHECK(publish(hub, text("x"), {{"Idempotency-Key", "\"a \\\"key\\\"\""}}).status == 201);
  CHECK(publish(hub, text("x", "a \"key\"")).status == 200);
  CHECK(publish(hub, text("y"), {{"Idempotency-Key", "bare"}}).status == 201);
  CHECK(publish(hub, text("y", "bare"), {{"Idempotency-Key", "\"bare\""}}).status == 200);
  for (const auto* bad : {"\"open", "\"a\"b\"", "\"a\\b\"", "", "\"\"", "\xC3\xA4"})
    CHECK(error_of(publish(hub, text("z"), {{"Idempotency-Key", bad}})) == "400 bad_key 0");
  CHECK(error_of(publish(hub, text("z", "one"), {{"Idempotency-Key", "other"}})) ==
        "400 bad_key 0");
  CHECK(error_of(publish(hub, json::array({text("z")}), {{"Idempotency-Key", "k"}})) ==
        "400 bad_key");
  CHECK(error_of(publish(hub, text("z"), {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}})) ==
        "400 bad_request");
}

TEST_CASE("a name and a secret come as percent-encoded fields, with the rules of a hello") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  const std::string secret = "a secret of 16 characters";
  CHECK(
      publish(hub, text("x"), {{"Hubbub-Name", "J%C3%BCrgen"}, {"Hubbub-Secret", secret}}).status ==
      201);
  const auto shown = alice.hears();
  CHECK(shown["name"] == "Jürgen");
  CHECK(shown["person"].get<std::string>().starts_with("anon-"));
  CHECK_FALSE(shown.contains("verified"));
  alice.send_json({{"type", "hello"}, {"name", "Ann"}, {"secret", "another secret of hers"}});
  alice.gets("hello");
  for (const auto& [name, code] :
       std::vector<std::pair<std::string, std::string>>{{"", "bad_name"},
                                                        {"%0A", "bad_name"},
                                                        {"%", "bad_name"},
                                                        {"%zz", "bad_name"},
                                                        {"\xE4", "bad_name"},
                                                        {"ANN", "name_taken"}})
    CHECK(error_of(publish(hub, text("x"), {{"Hubbub-Name", name}})) == "400 " + code);
  CHECK(publish(hub, text("x"), {{"Hubbub-Name", "Ann"}}, "/messages?room=other").status == 201);
  CHECK(error_of(publish(hub, text("x"), {{"Hubbub-Secret", "short"}})) == "400 bad_secret");
  // The name is free again when the request has ended.
  CHECK(publish(hub, text("x"), {{"Hubbub-Name", "Zoe"}}).status == 201);
  visitor bob{hub};
  bob.send_json({{"type", "hello"}, {"name", "Zoe"}});
  CHECK(bob.gets("hello")["name"] == "Zoe");
}

TEST_SUITE_END();
