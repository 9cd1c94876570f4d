// Frames that the hub refuses with an error. The connection stays open, its message number stays,
// and no other client receives anything.
#include "tests/server/shape.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("bad input");

namespace {

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += part;
  return all;
}

std::string saying(const std::string& text_json) {
  return R"({"type":"message","text":)" + text_json + "}";
}

std::string with_key(const std::string& key_json) {
  return R"({"type":"message","text":"x","key":)" + key_json + "}";
}

using cases = std::vector<std::pair<std::string, std::string>>; // code, frame

const cases refused_frames{
    {"bad_json", ""},
    {"bad_json", " "},
    {"bad_json", "hello"},
    {"bad_json", "{"},
    {"bad_json", R"({"type":"message","text":"x"} x)"},
    {"bad_json", R"({"type":"message","text":"x",})"},
    {"bad_json", R"({'type':'message','text':'x'})"},
    {"bad_json", saying("NaN")},
    {"bad_json", saying("\"a\nb\"")},
    {"bad_json", repeated("[", 8000)},
    {"bad_json", saying("\"x\"") + std::string("\0 garbage", 9)},
    {"bad_json", saying("\"x\"") + '\0'},
    {"bad_json", std::string(3, '\0')},
    {"not_object", "[]"},
    {"not_object", "null"},
    {"not_object", "42"},
    {"not_object", R"("message")"},
    {"not_object", R"([{"type":"message","text":"x"}])"},
    {"not_object", repeated("[", 8000) + repeated("]", 8000)},
    {"no_type", "{}"},
    {"no_type", R"({"text":"x"})"},
    {"unknown_type", R"({"type":"shout","text":"x"})"},
    {"unknown_type", R"({"type":"Message","text":"x"})"},
    {"unknown_type", R"({"type":"init","text":"x"})"},
    {"unknown_type", R"({"type":"","text":"x"})"},
    {"no_text", R"({"type":"message"})"},
    {"no_text", saying("null")},
    {"no_text", saying("1")},
    {"no_text", saying("1e999999")},
    {"no_text", saying("true")},
    {"no_text", saying(R"(["x"])")},
    {"no_text", saying(R"({"text":"x"})")},
    {"no_text", saying(repeated(R"({"a":)", 2000) + "1" + repeated("}", 2000))},
    {"empty", saying(R"("")")},
    {"too_long", saying('"' + repeated("a", 1001) + '"')},
    {"too_long", saying('"' + repeated("😀", 1001) + '"')},
    {"too_long", saying('"' + repeated(R"(\ud83d\ude00)", 1001) + '"')},
    {"nul", saying(R"("\u0000")")},
    {"nul", saying(R"("a\u0000b")")},
    {"surrogate", saying(R"("\ud800")")},
    {"surrogate", saying(R"("\udc00")")},
    {"surrogate", saying(R"("a\ud800b")")},
    {"surrogate", saying(R"("\udc00\ud800")")},
    {"surrogate", saying(R"("\ud83d\u0041")")},
    {"bad_key", with_key("1")},
    {"bad_key", with_key("null")},
    {"bad_key", with_key("{}")},
    {"bad_key", with_key(R"("")")},
    {"bad_key", with_key('"' + repeated("k", 65) + '"')},
};

/// The codes of frames whose type was read. Their errors name the room.
const std::set<std::string> of_messages{"no_text", "empty", "too_long", "nul", "bad_key"};

} // namespace

TEST_CASE("each kind of bad frame is answered by its error code and has no other effect") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  int number = 0;
  for (auto& [code, frame] : refused_frames) {
    CAPTURE(code);
    CAPTURE(frame.substr(0, 80));
    alice.send_text(frame);
    auto error = alice.gets("error");
    CHECK(error["code"] == code);
    CHECK(error["message"].get<std::string>() != "");
    CHECK(error.value("room", "") == (of_messages.contains(code) ? "lobby" : ""));
    error.erase("room");
    CHECK(fields(error) == std::set<std::string>{"type", "message", "code"});
    alice.say("still here");
    CHECK(alice.hears()["user_message_number"] == ++number);
    CHECK(bob.hears()["text"] == "still here");
  }
}

TEST_CASE("deep nesting in an unknown field does no harm") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_text(R"({"type":"message","text":"x","deep":)" + repeated("[", 8000) +
                  repeated("]", 8000) + "}");
  CHECK(alice.hears_any()["type"] != nullptr);
  alice.say("still here");
  while (alice.hears()["text"] != "still here") {
  }
}

TEST_CASE("a number out of range in an unknown field does no harm") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  for (std::string number : {"1e999999", "-1e999999", "[{\"deep\":1E+400}]"}) {
    alice.send_text(R"({"more":)" + number + R"(,"type":"message","text":"x"})");
    CHECK(alice.hears()["text"] == "x");
  }
}

TEST_CASE("a NUL or a lone surrogate in a key is refused") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  for (auto key : {R"("a\u0000b")", R"("\ud800")"}) {
    alice.send_text(with_key(key));
    CHECK(alice.gets("error")["code"] != nullptr);
  }
  alice.say("still here");
  CHECK(alice.hears()["user_message_number"] == 1);
}

TEST_CASE("an error carries the key of the refused message") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("", "my key");
  auto error = alice.gets("error");
  CHECK(error["code"] == "empty");
  CHECK(error["key"] == "my key");
}

TEST_CASE("1000 code points are accepted, however many bytes each one has") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  for (std::string point : {"a", "é", "語", "😀"}) {
    alice.say(repeated(point, 1000));
    CHECK(alice.hears()["text"] == repeated(point, 1000));
  }
  alice.send_text(saying('"' + repeated(R"(\ud83d\ude00)", 1000) + '"'));
  CHECK(alice.hears()["text"] == repeated("😀", 1000));
}

TEST_CASE("a sender over the rate limit gets too_fast, and can send again later") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "5"}}};
  visitor alice{hub}, bob{hub};
  alice.say_all(numbered("fast", 20));
  int passed = 0;
  for (int i = 0; i < 20; ++i) {
    auto answer = alice.hears_any();
    REQUIRE(!answer.is_null());
    if (answer["type"] == "message")
      ++passed;
    else
      CHECK(answer["code"] == "too_fast");
  }
  CHECK(passed >= 10); // the capacity of the bucket is twice the rate
  CHECK(passed <= 15); // and a second refills five
  bob.say("my own limit");
  CHECK(alice.hears()["text"] == "my own limit");
  eventually("alice to be accepted again", [&] {
    alice.say("again");
    return alice.hears_any()["type"] == "message";
  });
}

TEST_CASE("without a rate limit 500 messages at once are accepted") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "0"}}};
  visitor alice{hub};
  alice.say_all(numbered("fast", 500));
  CHECK(alice.hears_texts(500) == numbered("fast", 500));
}

TEST_SUITE_END();
