// Frames about rooms that the hub refuses. The connection stays open, and nothing else changes.
#include "tests/server/many_rooms.hpp"
#include "tests/server/shape.hpp"
#include "tests/server/signed_token.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("subscription errors");

namespace {

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += part;
  return all;
}

/// A frame of that type with the fields as JSON.
std::string frame_of(const std::string& type, const std::string& fields) {
  return R"({"type":")" + type + '"' + (fields.empty() ? "" : ",") + fields + '}';
}

struct bad_frame {
  std::string code, frame;
  std::optional<std::string> room = {}; ///< The field `room` of the error. None: there is none.
};

/// Values of the field `room` that are no name, as JSON, and how the error echoes them.
std::vector<std::pair<std::string, std::optional<std::string>>> bad_names() {
  const auto longest = repeated("é", 64);
  return {{"null", {}},
          {"5", {}},
          {"true", {}},
          {R"(["b"])", {}},
          {R"({"room":"b"})", {}},
          {R"(" ")", " "},
          {R"("a b")", "a b"},
          {R"("a/b")", "a/b"},
          {R"("b\n")", "b\n"},
          {R"("team-*")", "team-*"},
          {"\"\u200d\"", "\u200d"},
          {"\"e\u0301 \"", "e\u0301 "}, // the text as it was given
          {'"' + repeated("é", 63) + "!\"", repeated("é", 63) + "!"},
          {'"' + longest + "a\"", {}},
          {'"' + repeated("a", 16000) + '"', {}}};
}

std::vector<bad_frame> bad_frames() {
  std::vector<bad_frame> all{{"bad_room", frame_of("subscribe", "")},
                             {"bad_room", frame_of("unsubscribe", "")},
                             {"bad_room", frame_of("subscribe", R"("after":"x","most":0)")}};
  for (const auto& [name, echo] : bad_names())
    for (const auto* type : {"subscribe", "unsubscribe", "message"})
      all.push_back({"bad_room",
                     frame_of(type, "\"room\":" + name +
                                        (type[0] == 'm' ? std::string(R"(,"text":"x")") : "")),
                     echo});
  const std::string uuid = "00000000-0000-4000-8000-000000000000";
  for (const std::string after :
       {"-1", "1.5", "\"7\"", "null", "true", "[]", "{}", "1e999", "-1e999", "[1e999]", "\"\""})
    for (const auto& log : {std::string{}, ",\"log\":\"" + uuid + '"'})
      all.push_back(
          {"bad_cursor", frame_of("subscribe", "\"room\":\"b\",\"after\":" + after + log), "b"});
  for (const std::string log :
       {R"("")", R"("x")", "5", "null", "[]", R"("lobby")",
        R"("00000000-0000-4000-8000-00000000000")", R"("00000000-0000-4000-8000-0000000000000")",
        R"("g0000000-0000-4000-8000-000000000000")", R"("00000000000040008000000000000000")",
        R"("{00000000-0000-4000-8000-000000000000}")"})
    for (const auto* after : {"", R"(,"after":1)"})
      all.push_back(
          {"bad_cursor", frame_of("subscribe", "\"room\":\"b\",\"log\":" + log + after), "b"});
  for (const std::string most :
       {"0", "-1", "1001", "1.5", "\"5\"", "null", "true", "[]", "1e999", "99999999999999999999"})
    for (const auto& rest : {std::string{}, R"(,"after":1,"log":")" + uuid + '"'})
      all.push_back(
          {"bad_cursor", frame_of("subscribe", "\"room\":\"b\",\"most\":" + most + rest), "b"});
  // Names are in normalization form C in all other errors.
  all.push_back({"bad_cursor", frame_of("subscribe", "\"room\":\"e\u0301\",\"most\":0"), "\u00e9"});
  all.push_back({"not_subscribed", frame_of("unsubscribe", "\"room\":\"e\u0301\""), "\u00e9"});
  all.push_back(
      {"not_subscribed", frame_of("message", "\"text\":\"x\",\"room\":\"e\u0301\""), "\u00e9"});
  all.push_back({"already_subscribed", frame_of("subscribe", R"("room":"lobby")"), "lobby"});
  all.push_back({"already_subscribed",
                 frame_of("subscribe", R"("room":"lobby","after":0,"log":")" + uuid + '"'),
                 "lobby"});
  all.push_back({"bad_cursor", frame_of("subscribe", R"("room":"lobby","most":0)"), "lobby"});
  all.push_back({"unknown_type", frame_of("Subscribe", R"("room":"b")")});
  all.push_back({"unknown_type", frame_of("subscribed", R"("room":"b")")});
  return all;
}

} // namespace

TEST_CASE("each wrong frame about a room is answered by its error and has no other effect") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  int number = 0;
  for (const auto& [code, frame, room] : bad_frames()) {
    CAPTURE(code);
    CAPTURE(frame.substr(0, 120));
    alice.send_text(frame);
    const auto error = alice.gets("error");
    CHECK(error["code"] == code);
    CHECK(error["message"].get<std::string>() != "");
    CHECK(error.size() == (room ? 4 : 3));
    CHECK(error.value("room", std::string{}) == room.value_or(""));
    if (++number % 5 == 0) {
      alice.say("still here");
      CHECK(alice.hears()["user_message_number"] == number / 5);
      CHECK(bob.hears()["text"] == "still here");
    }
  }
  alice.leave_room("lobby");
  alice.leave();
  eventually("nobody but bob", [&] {
    const auto info = fetch(hub.port(), "/ws-info").json();
    return info["rooms"] == json{{{"room", "lobby"}, {"members", 1}}} && info["rooms_total"] == 1;
  });
}

TEST_CASE("an error about a message to a room carries the message's key") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  for (const auto& [room, code] : {std::pair{"a b", "bad_room"}, {"nowhere", "not_subscribed"}}) {
    alice.say_in(room, "x", "my key");
    const auto error = alice.gets("error");
    CHECK(error["code"] == code);
    CHECK(error["room"] == room);
    CHECK(error["key"] == "my key");
  }
  alice.enter("b");
  alice.say_in("b", "", "my key");
  const auto error = alice.gets("error");
  CHECK(error["code"] == "empty");
  CHECK(error["room"] == "b");
  CHECK(error["key"] == "my key");
  alice.say_in("b", "x", "my key"); // a refused message has not used its key
  room_reader heard{alice};
  heard.answers["b"] = alice.init;
  heard.until("the ack", [&] { return heard.acks.size() == 1; });
  CHECK(heard.acks[0]["user_message_number"] == 1);
}

TEST_CASE("over MAX_ROOMS a room is refused until another one is left") {
  sqlite db;
  hub hub{db, {{"MAX_ROOMS", "3"}}};
  visitor alice{hub}, bob{hub};
  alice.enter("b");
  alice.enter("c");
  for (const auto* room : {"d", "e\u0301"}) {
    alice.send_json(subscribe(room));
    const auto error = alice.gets("error");
    CHECK(error["code"] == "too_many_rooms");
    CHECK(error["room"] == (room[0] == 'd' ? "d" : "\u00e9"));
  }
  alice.send_json(subscribe("b")); // already_subscribed is said before too_many_rooms
  CHECK(alice.gets("error")["code"] == "already_subscribed");
  alice.send_all({unsubscribe("lobby"), subscribe("d"), subscribe("lobby")});
  CHECK(alice.gets("unsubscribed")["room"] == "lobby");
  room_reader heard{alice};
  heard.until("both answers",
              [&] { return heard.answers.contains("d") && heard.errors.size() == 1; });
  CHECK(heard.errors[0]["code"] == "too_many_rooms");
  CHECK(bob.enter("d")["room"] == "d"); // the bound is one of each connection
}

TEST_CASE("with MAX_ROOMS=1 a connection may change its room, and have no second one") {
  sqlite db;
  hub hub{db, {{"MAX_ROOMS", "1"}}};
  visitor alice{hub};
  alice.send_json(subscribe("b"));
  CHECK(alice.gets("error")["code"] == "too_many_rooms");
  alice.leave_room("lobby");
  alice.enter("b");
  alice.say_in("b", "x");
  CHECK(alice.hears()["room"] == "b");
}

TEST_SUITE_END();
