// The judge of the model test finds each kind of broken promise. Needs no hub.
#include "tests/server/rooms_judge.hpp"

#include <doctest/doctest.h>
#include <functional>

using namespace test;
using nlohmann::json;

TEST_SUITE_BEGIN("rooms model");

namespace {

json message(row_id id, const std::string& room, const std::string& text, int number) {
  return {{"type", "message"},
          {"id", id},
          {"room", room},
          {"text", text},
          {"connection_id", "alice"},
          {"user_message_number", number}};
}

json answer(const std::string& room, bool resumed, const json& history = json::array()) {
  return {{"type", "subscribed"},
          {"room", room},
          {"log", "L"},
          {"resumed", resumed},
          {"history", history}};
}

json ack(const std::string& room, row_id id, int number) {
  return {
      {"type", "ack"}, {"room", room}, {"key", "k"}, {"id", id}, {"user_message_number", number}};
}

/// What one connection sent, what it then received, and the table.
struct story {
  std::vector<std::pair<json, std::optional<row_id>>> sent{
      {{{"type", "message"}, {"text", "one"}}, {}},
      {{{"type", "subscribe"}, {"room", "b"}, {"after", 1}, {"log", "L"}}, 1},
      {{{"type", "message"}, {"room", "b"}, {"text", "two"}, {"key", "k"}}, {}},
      {{{"type", "subscribe"}, {"room", "c"}, {"after", 1}, {"log", "L"}, {"most", 1}}, 1},
      {{{"type", "message"}, {"room", "lobby"}, {"text", "three"}}, {}},
      {{{"type", "unsubscribe"}, {"room", "b"}}, {}},
      {{{"type", "unsubscribe"}, {"room", "d"}}, {}}};
  std::vector<json> received{
      {{"type", "init"},
       {"connection_id", "alice"},
       {"room", "lobby"},
       {"log", "L"},
       {"resumed", false},
       {"history", {message(2, "lobby", "zero", 7)}}},
      message(5, "lobby", "one", 1),
      answer("b", true),
      message(3, "b", "old", 8),
      message(6, "b", "two", 2),
      ack("b", 6, 2),
      answer("c", false,
             {message(1, "c", "c1", 9), message(4, "c", "c2", 10), message(7, "c", "c3", 11)}),
      {{"type", "unsubscribed"}, {"room", "b"}},
      {{"type", "error"}, {"code", "not_subscribed"}, {"room", "d"}, {"message", "no"}},
      message(8, "lobby", "three", 3)};
  std::vector<shown_message> table;

  story() {
    received[6]["missed"] = 2;
    for (const auto& [id, room, text, connection, number] :
         std::vector<std::tuple<int, const char*, const char*, const char*, int>>{
             {1, "c", "c1", "bob", 1},
             {2, "lobby", "zero", "bob", 2},
             {3, "b", "old", "bob", 3},
             {4, "c", "c2", "bob", 4},
             {5, "lobby", "one", "alice", 1},
             {6, "b", "two", "alice", 2},
             {7, "c", "c3", "bob", 5},
             {8, "lobby", "three", "alice", 3}})
      table.push_back({id, room, text, connection, number});
    for (auto& frame : received)
      restore(frame);
  }

  /// Frames show a message as the table has it.
  void restore(json& frame) const {
    if (frame.contains("text"))
      for (const auto& row : table)
        if (frame["text"] == row.text) {
          frame["connection_id"] = row.connection;
          frame["user_message_number"] = row.number;
        }
    if (frame.contains("history"))
      for (auto& each : frame["history"])
        restore(each);
  }

  std::vector<std::string> judged(bool cut = false) const {
    std::deque<connection_record> records;
    auto& alice = records.emplace_back("alice", "lobby", std::nullopt, 3);
    for (const auto& [frame, after] : sent)
      alice.sent(frame, after);
    for (const auto& frame : received)
      alice.received(frame);
    if (cut)
      alice.cut();
    auto& bob = records.emplace_back("bob", "lobby", std::nullopt, 3);
    for (const auto* room : {"b", "c"})
      bob.sent({{"type", "subscribe"}, {"room", room}});
    for (const auto& row : table)
      if (row.connection == "bob")
        bob.sent({{"type", "message"}, {"room", row.room}, {"text", row.text}});
    bob.received({{"type", "init"},
                  {"connection_id", "bob"},
                  {"room", "lobby"},
                  {"log", "L"},
                  {"resumed", false},
                  {"history", json::array()}});
    return judge(records, table);
  }
};

} // namespace

TEST_CASE("the judge of many rooms finds nothing where nothing is wrong") {
  CHECK(story{}.judged() == std::vector<std::string>{});
}

TEST_CASE("the judge of many rooms finds every kind of broken promise") {
  using change = std::function<void(story&)>;
  const std::vector<std::pair<const char*, change>> changes{
      {"a message is missing", [](story& s) { s.received.erase(s.received.begin() + 3); }},
      {"a message comes twice",
       [](story& s) { s.received.insert(s.received.begin() + 5, s.received[4]); }},
      {"a message of another room", [](story& s) { s.received[4]["room"] = "c"; }},
      {"a message after unsubscribed", [](story& s) { std::swap(s.received[4], s.received[7]); }},
      {"a message before subscribed", [](story& s) { std::swap(s.received[2], s.received[3]); }},
      {"a message before init", [](story& s) { std::swap(s.received[0], s.received[1]); }},
      {"a presence of a room that was left",
       [](story& s) {
         s.received.push_back({{"type", "presence"}, {"room", "b"}, {"online", 1}});
       }},
      {"an ack without its room", [](story& s) { s.received[5].erase("room"); }},
      {"an ack of another row", [](story& s) { s.received[5]["id"] = 5; }},
      {"an ack twice", [](story& s) { s.received.push_back(s.received[5]); }},
      {"a history that is too short",
       [](story& s) { s.received[6]["history"].erase(s.received[6]["history"].begin()); }},
      {"a wrong count of missed messages", [](story& s) { s.received[6]["missed"] = 3; }},
      {"no count of missed messages", [](story& s) { s.received[6].erase("missed"); }},
      {"more missed messages than allowed, and resumed",
       [](story& s) {
         s.received[6] = answer("c", true);
         s.sent[3].first["most"] = 0;
         std::swap(s.sent[1], s.sent[3]);
       }},
      {"a cursor that is not resumed", [](story& s) { s.received[2]["resumed"] = false; }},
      {"resumed without a cursor", [](story& s) { s.sent[1].second.reset(); }},
      {"another text", [](story& s) { s.received[4]["text"] = "tow"; }},
      {"a hole in the numbers", [](story& s) { s.table[7].number = 4; }},
      {"numbers in another order", [](story& s) { std::swap(s.sent[0], s.sent[4]); }},
      {"a message is not stored", [](story& s) { s.table.pop_back(), s.received.pop_back(); }},
      {"a message is stored in another room", [](story& s) { s.table[7].room = "c"; }},
      {"a message is stored twice",
       [](story& s) { s.table.push_back(s.table.back()), s.table.back().id = 9; }},
      {"a row that nobody sent",
       [](story& s) {
         s.table.push_back({9, "d", "who?", "carol", 1});
       }},
      {"an error that is not due", [](story& s) { s.received[8]["code"] = "bad_room"; }},
      {"an error of another room", [](story& s) { s.received[8]["room"] = "b"; }},
      {"another log", [](story& s) { s.received[2]["log"] = "M"; }},
      {"a second answer",
       [](story& s) { s.received.insert(s.received.begin() + 3, s.received[2]); }},
  };
  for (const auto& [what, change] : changes) {
    CAPTURE(what);
    story changed;
    change(changed);
    CHECK_FALSE(changed.judged().empty());
  }
}

TEST_CASE("a connection that was cut may lack its last messages, but none before one that it has") {
  story changed;
  changed.table.pop_back();
  changed.received.pop_back();
  CHECK(changed.judged(true) == std::vector<std::string>{});
  story hole;
  hole.table.erase(hole.table.begin() + 4);
  hole.received.erase(hole.received.begin() + 1);
  hole.table[4].number = 1, hole.table[6].number = 2;
  CHECK_FALSE(hole.judged(true).empty());
}

TEST_CASE("a record knows which answers are still due") {
  connection_record record{"alice", "lobby", std::nullopt, 2};
  CHECK(record.due() == "init");
  record.received({{"type", "init"},
                   {"connection_id", "alice"},
                   {"room", "lobby"},
                   {"log", "L"},
                   {"resumed", false},
                   {"history", json::array()}});
  CHECK(record.settled());
  record.sent({{"type", "subscribe"}, {"room", "b"}});
  CHECK(record.due() == "subscribed of b");
  record.sent({{"type", "unsubscribe"}, {"room", "b"}});
  CHECK(record.due() == "unsubscribed of b");
  record.received({{"type", "unsubscribed"}, {"room", "b"}});
  CHECK(record.settled());
  record.sent({{"type", "message"}, {"room", "b"}, {"text", "x"}, {"key", "k"}});
  CHECK(record.due() == "an error, not_subscribed");
  record.received({{"type", "error"}, {"code", "not_subscribed"}, {"room", "b"}, {"key", "k"}});
  CHECK(record.settled());
  record.sent({{"type", "message"}, {"text", "x"}, {"key", "k"}});
  CHECK(record.due() == "the ack of k");
  CHECK(record.violations().empty());
}

TEST_SUITE_END();
