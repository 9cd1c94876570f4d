// The data of messages: any JSON, byte for byte, on every way from a sender to a reader.
#include "tests/server/data.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("data");

namespace {

/// The data of all messages of the pages from that address on, newest first.
std::vector<std::string> data_of_pages(const hub& where, std::string next, int& pages) {
  std::vector<std::string> out;
  for (pages = 0; !next.empty(); ++pages) {
    const auto page = fetch(where.port(), '/' + next).json();
    for (const auto& each : page.at("messages"))
      out.push_back(each.at("data").dump());
    next = page.at("next").is_null() ? "" : page.at("next").get<std::string>();
  }
  return out;
}

} // namespace

TEST_CASE_TEMPLATE("data comes back byte for byte, live, in the history, in pages and resumed",
                   database, sqlite, postgres) {
  database db;
  auto one = std::make_unique<hub>(db);
  std::string log;
  {
    ws_client alice{one->port(), target()}, bob{one->port(), target()};
    log = json::parse(next_of_type(alice, "init"))["log"];
    next_of_type(bob, "init");
    for (const auto& value : values) {
      alice.send_text(frame_with(value));
      for (auto* const each : {&alice, &bob}) {
        const auto event = next_of_type(*each, "message");
        CHECK(event.find(R"("text":"x","data":)") != std::string::npos);
        CHECK(data_of(event) == value);
      }
    }
    one->stop();
  }
  one.reset();
  hub again{db};
  ws_client fresh{again.port(), target()};
  const auto init = next_of_type(fresh, "init");
  const auto body = fetch(again.port(), "/messages").body;
  ws_client back{again.port(), target("?after=0&log=" + log)};
  for (const auto& value : values) {
    CHECK(init.find(R"(,"data":)" + value + R"(,"connection_id":)") != std::string::npos);
    CHECK(body.find(R"(,"data":)" + value + R"(,"connection_id":)") != std::string::npos);
    CHECK(data_of(next_of_type(back, "message")) == value);
  }
}

TEST_CASE("a message without a text has an empty text, and one without data has no data") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_text(frame_with("[1]", R"(,"key":"k")"));
  std::map<std::string, json> heard;
  for (int i = 0; i < 2; ++i) {
    auto next = alice.hears_any();
    heard[next["type"]] = next;
  }
  CHECK(heard["ack"]["key"] == "k");
  CHECK(heard["message"]["text"] == "");
  CHECK(heard["message"]["data"] == json{1});
  alice.say("hello");
  CHECK_FALSE(alice.hears().contains("data"));
  for (const auto& [frame, code] : std::vector<std::pair<std::string, std::string>>{
           {R"({"type":"message","key":"k"})", "no_text"},
           {R"({"type":"message","text":"","key":"k"})", "empty"},
           {R"({"type":"message","text":7,"data":1})", "no_text"},
           {R"({"type":"message","data":[1,]})", "bad_json"}}) {
    alice.send_text(frame);
    CHECK(alice.gets("error")["code"] == code);
  }
}

TEST_CASE("MAX_DATA bounds the data, and 16 KiB more the frame, in fragments too") {
  sqlite db;
  std::size_t most = 8 * kibibyte;
  settings extra;
  SUBCASE("unset") {}
  SUBCASE("0") {
    most = 0, extra["MAX_DATA"] = "0";
  }
  SUBCASE("256K") {
    most = 256 * kibibyte, extra["MAX_DATA"] = "256K";
  }
  hub hub{db, extra};
  visitor alice{hub};
  if (most > 0) {
    alice.send_text(frame_with(large(most, 1)));
    CHECK((alice.hears()["data"].dump() == large(most, 1)));
  }
  alice.send_text(frame_with(large(most + 3, 1), R"(,"key":"k","room":"lobby")"));
  const auto error = alice.gets("error");
  CHECK(error["code"] == "too_long");
  CHECK(error["message"] == "data is over " + std::to_string(most) + " bytes");
  CHECK(error["key"] == "k");
  CHECK(error["room"] == "lobby");

  auto whole = R"({"type":"message","text":"whole"})" + std::string(most + 16 * kibibyte, ' ');
  whole.resize(most + 16 * kibibyte);
  alice.send_text(whole);
  CHECK(alice.hears()["text"] == "whole");
  for (std::size_t at = 0; at < whole.size(); at += 4000)
    alice.send_frame({at ? opcode::continuation : opcode::text, whole.substr(at, 4000),
                      at + 4000 >= whole.size()});
  CHECK(alice.hears()["text"] == "whole");
  visitor bob{hub};
  bob.send_text(whole + ' ');
  CHECK(bob.next_close().code == 1009);
  whole += ' ';
  alice.send_frame({opcode::text, whole.substr(0, 9000), false});
  alice.send_frame({opcode::continuation, whole.substr(9000)});
  CHECK(alice.next_close().code == 1009);
}

TEST_CASE_TEMPLATE("init, subscribed and pages end at 512 KiB, and nothing is lost by it", database,
                   sqlite, postgres) {
  database db;
  hub hub{db, {{"MAX_DATA", "256K"}}};
  visitor alice{hub};
  std::vector<std::string> all;
  for (int i = 1; i <= 7; ++i) {
    all.insert(all.begin(), large(200 * kibibyte, i));
    alice.send_text(frame_with(all.front()));
    CHECK(alice.hears()["id"] == i);
  }
  for (const bool restarted : {false, true}) {
    if (restarted) { // now the history comes from the log
      hub.stop();
      hub.start();
    }
    visitor bob{hub}, carol{hub, "?room=elsewhere"};
    CHECK(each<int>(bob.init["history"], "id") == std::vector<int>{6, 7});
    CHECK(each<int>(carol.enter("lobby")["history"], "id") == std::vector<int>{6, 7});
    const visitor back{hub, "?after=0&log=" + bob.init["log"].get<std::string>()};
    CHECK(back.init["resumed"] == true);
    visitor resumed{hub, "?after=0&log=" + bob.init["log"].get<std::string>()};
    for (int i = 1; i <= 7; ++i)
      CHECK((resumed.hears()["data"].dump() == all[std::size_t(7 - i)]));
    int pages = 0;
    CHECK((data_of_pages(hub, "messages", pages) == all));
    CHECK(pages == 4);
    CHECK((data_of_pages(hub, "messages?limit=1", pages) == all));
    CHECK(pages == 7);
  }
}

TEST_CASE_TEMPLATE("data of other programs that is no JSON is not shown, but the message is",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  {
    visitor alice{hub};
    for (int i = 0; i < 4; ++i)
      alice.say("text " + std::to_string(i));
    alice.hears_texts(4);
  }
  hub.stop();
  for (const auto& [id, data] : std::map<int, std::string>{
           {1, "{wrong"}, {2, R"(1,"id":99)"}, {3, R"({"good":"\ud800"})"}, {4, ""}})
    db.sql("update messages set data = '" + data + "' where id = " + std::to_string(id));
  hub.start();
  ws_client bob{hub.port(), target()};
  const auto init = next_of_type(bob, "init"), pages = fetch(hub.port(), "/messages").body;
  for (const auto& body : {init, pages}) {
    for (int i = 0; i < 4; ++i)
      CHECK(body.find(R"("text":"text )" + std::to_string(i)) != std::string::npos);
    CHECK(body.find(R"("text":"text 2","data":{"good":"\ud800"},)") != std::string::npos);
    CHECK(body.find("wrong") == std::string::npos);
    CHECK(body.find(R"("text":"text 1","connection_id")") != std::string::npos);
    CHECK(body.find(R"("text":"text 3","connection_id")") != std::string::npos);
  }
}

TEST_CASE("the log of the hub has no data, whatever the level and whatever the database says") {
  postgres db;
  hub hub{db, {{"DEBUG", "true"}}};
  {
    visitor alice{hub};
    alice.send_text(frame_with(R"({"planted":"word"})"));
    alice.hears();
    alice.send_text(frame_with(R"({"planted":"word",})"));
    CHECK(alice.gets("error")["code"] == "bad_json");
    alice.send_text(frame_with(R"(["planted", )" + large(9000, 1) + "]"));
    CHECK(alice.gets("error")["code"] == "too_long");
    db.sql("create function meddle() returns trigger language plpgsql as $$ begin "
           "raise exception 'not %', new.data using detail = new.data, hint = new.data; end $$; "
           "create trigger meddler before insert on messages for each row execute function "
           "meddle()");
    alice.send_text(frame_with(R"({"planted":"word"})"));
    CHECK(alice.gets("error")["code"] == "unstorable");
  }
  hub.stop();
  const auto log = hub.server().log();
  CHECK(log.find("with data") != std::string::npos);
  CHECK(log.find("what the database refuses: ") != std::string::npos);
  CHECK(log.find("planted") == std::string::npos);
}
