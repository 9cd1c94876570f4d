// Frames about rooms: subscribe, unsubscribe, and the room of a message.
#include "actors/json_numbers.hpp"
#include "actors/wire.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <limits>

using namespace hubbub;
using nlohmann::json;

TEST_SUITE_BEGIN("frames about rooms");

namespace {

const std::string log_name = "3b241101-e2bb-4255-8caf-4136c566a962";
const std::string composed = "caf\xC3\xA9", decomposed = "cafe\xCC\x81";
constexpr auto largest = std::numeric_limits<row_id>::max();

wire::refusal refused(std::string_view text) {
  const auto said = wire::parse(text);
  const auto* why = std::get_if<wire::refusal>(&said);
  REQUIRE(why);
  return *why;
}

std::string code_of(std::string_view text) {
  return std::string(name_of(refused(text).code));
}

template<class Command>
Command read(std::string_view text) {
  const auto said = wire::parse(text);
  REQUIRE(std::holds_alternative<Command>(said));
  return std::get<Command>(said);
}

/// A subscribe to the room "b" with more fields, which are JSON text.
std::string subscribing(const std::string& fields) {
  return R"({"type":"subscribe","room":"b")" + (fields.empty() ? "" : "," + fields) + "}";
}

/// The same with a log and this number as `after`.
std::string resuming_after(const std::string& number) {
  return subscribing("\"log\":\"" + log_name + "\",\"after\":" + number);
}

std::string repeated(const std::string& what, int times) {
  std::string out;
  while (times-- > 0)
    out += what;
  return out;
}

/// Frames of each type that names a room, with this JSON text as the room.
std::vector<std::string> frames_about(const std::string& room) {
  return {R"({"type":"subscribe","room":)" + room + "}",
          R"({"type":"unsubscribe","room":)" + room + "}",
          R"({"type":"message","text":"x","room":)" + room + "}"};
}

} // namespace

TEST_CASE("a subscribe without a cursor does not resume") {
  const auto s = read<wire::subscribe>(subscribing(""));
  CHECK(s.room == "b");
  CHECK_FALSE(s.from);
  CHECK_FALSE(s.most);
  CHECK(read<wire::unsubscribe>(R"({"type":"unsubscribe","room":"b","after":null})").room == "b");
}

TEST_CASE("a cursor is an id and a log, and may have a limit") {
  const auto s = read<wire::subscribe>(
      subscribing(R"("after":42,"most":7,"log":"3B241101-E2BB-4255-8CAF-4136C566A962")"));
  CHECK(s.from->after == 42);
  CHECK(s.from->log == log_name);
  CHECK(s.most == 7);
}

TEST_CASE("half of a cursor is no error, and does not resume") {
  CHECK_FALSE(read<wire::subscribe>(subscribing(R"("after":42)")).from);
  CHECK_FALSE(read<wire::subscribe>(subscribing("\"log\":\"" + log_name + "\"")).from);
  CHECK_FALSE(read<wire::subscribe>(subscribing(R"("most":3)")).from);
}

TEST_CASE("after is an integer from 0 on, and one that is too large counts as the largest id") {
  for (const auto& [text, id] :
       std::vector<std::pair<std::string, row_id>>{{"0", 0},
                                                   {"-0", 0},
                                                   {"9007199254740993", 9007199254740993},
                                                   {"9223372036854775806", largest - 1},
                                                   {"9223372036854775807", largest},
                                                   {"9223372036854775808", largest},
                                                   {"18446744073709551615", largest},
                                                   {"18446744073709551616", largest},
                                                   {repeated("9", 300), largest},
                                                   {repeated("9", 5000), largest}}) {
    const auto number = text; // a structured binding cannot be captured
    CAPTURE(number);
    CHECK(read<wire::subscribe>(resuming_after(number)).from->after == id);
  }
}

TEST_CASE("anything else as after is a bad cursor") {
  for (const std::string after :
       {"-1", "-9223372036854775809", "1.5", "5.0", "1e2", "1e999", "-1e999", "1e-999", "1e19",
        "null", "true", "\"5\"", "[5]", "{}", "\"\""}) {
    CAPTURE(after);
    CHECK(code_of(resuming_after(after)) == "bad_cursor");
    CHECK(code_of(subscribing("\"after\":" + after)) == "bad_cursor");
  }
  CHECK(code_of(resuming_after("-" + repeated("9", 5000))) == "bad_cursor");
}

TEST_CASE("a huge number elsewhere in the frame does not change a cursor") {
  for (const auto& more :
       std::vector<std::string>{"1e999", "-1e999", repeated("9", 400), "0.5e400"}) {
    CAPTURE(more);
    for (const auto& frame :
         {resuming_after("42,\"most\":7,\"more\":" + more),
          subscribing("\"more\":[" + more + "],\"after\":" + more +
                      ",\"most\":7,\"after\":42,\"log\":\"" + log_name + "\"")}) {
      const auto s = read<wire::subscribe>(frame);
      CHECK(s.from->after == 42);
      CHECK(s.most == 7);
    }
  }
  CHECK(read<wire::subscribe>(resuming_after(repeated("9", 400) + ",\"more\":1e999")).from->after ==
        largest);
}

TEST_CASE("a log is a UUID") {
  for (const std::string log :
       {R"("")", R"("some-log")", R"("3b241101-e2bb-4255-8caf-4136c566a96")",
        R"("3b241101-e2bb-4255-8caf-4136c566a9620")", R"("3b241101e2bb42558caf4136c566a962")",
        R"("{3b241101-e2bb-4255-8caf-4136c566a962}")", R"("3b241101-e2bb-4255-8caf-4136c566a96g")",
        R"("3b241101-e2bb-4255-8caf+4136c566a962")", "null", "7", "[]"}) {
    CAPTURE(log);
    CHECK(code_of(subscribing("\"after\":1,\"log\":" + log)) == "bad_cursor");
    CHECK(code_of(subscribing("\"log\":" + log)) == "bad_cursor");
  }
}

TEST_CASE("most is an integer from 1 to 1000, with a cursor or without") {
  for (const std::string most : {"1", "1000"})
    CHECK(read<wire::subscribe>(resuming_after("1,\"most\":" + most)).most == std::stoi(most));
  for (const std::string most : {"0", "-0", "-1", "1001", "1.0", "1e2", "1e999", "4294967297",
                                 "18446744073709551617", "null", "\"5\"", "[]"}) {
    CAPTURE(most);
    CHECK(code_of(resuming_after("1,\"most\":" + most)) == "bad_cursor");
    CHECK(code_of(subscribing("\"most\":" + most)) == "bad_cursor");
  }
}

TEST_CASE("a room's name is in normalization form C, whatever the client sent") {
  for (const auto& room : {composed, decomposed}) {
    const auto name = json(room).dump();
    CHECK(read<wire::subscribe>(frames_about(name)[0]).room == composed);
    CHECK(read<wire::unsubscribe>(frames_about(name)[1]).room == composed);
    CHECK(read<wire::message_command>(frames_about(name)[2]).room == composed);
  }
  CHECK_FALSE(read<wire::message_command>(R"({"type":"message","text":"x"})").room);
}

TEST_CASE("a bad name of a room is named by its error if it is short, as the client gave it") {
  const std::string bad = "a b" + decomposed;
  const auto longest = repeated("\xD0\x94", 63) + " ";
  for (const auto& name : {bad, longest, std::string("a\0b", 3)})
    for (const auto& frame : frames_about(json(name).dump())) {
      CAPTURE(frame);
      CHECK(refused(frame).code == refusal_code::bad_room);
      CHECK(refused(frame).room == name);
    }
  for (const auto& room :
       std::vector<std::string>{json(" " + longest).dump(), json(std::string(65, 'a')).dump(),
                                "\"\"", "null", "7", "[\"a\"]", "1e999"})
    for (const auto& frame : frames_about(room)) {
      CAPTURE(frame);
      CHECK(refused(frame).code == refusal_code::bad_room);
      CHECK(refused(frame).room.empty());
    }
}

TEST_CASE("a subscription names its room, and a message need not") {
  CHECK(code_of(R"({"type":"subscribe"})") == "bad_room");
  CHECK(code_of(R"({"type":"unsubscribe"})") == "bad_room");
  CHECK(wire::named_room(wire::parse(R"({"type":"subscribe"})"), "lobby").empty());
}

TEST_CASE("the error for a bad room comes before that for a bad cursor") {
  CHECK(code_of(R"({"type":"subscribe","room":"a b","after":-1})") == "bad_room");
}

TEST_CASE("a key is a field of messages alone") {
  CHECK(read<wire::subscribe>(subscribing("\"key\":5")).room == "b");
  CHECK(read<wire::unsubscribe>(R"({"type":"unsubscribe","room":"b","key":5})").room == "b");
  const auto why = refused(R"({"type":"message","text":"x","room":"a b","key":"k"})");
  CHECK(why.code == refusal_code::bad_room);
  CHECK(why.key == "k");
  CHECK(code_of(R"({"type":"message","text":"x","room":"a b","key":5})") == "bad_key");
}

TEST_CASE("an error names the room of its frame, or the first room for a message without one") {
  const auto named = [](std::string_view frame) {
    return wire::named_room(wire::parse(frame), "lobby");
  };
  for (const std::string fields :
       {"", R"(,"text":"")", R"(,"text":"x")", R"(,"text":"a\u0000b")", R"(,"text":"x","key":5)"}) {
    CAPTURE(fields);
    CHECK(named(R"({"type":"message")" + fields + "}") == "lobby");
    CHECK(named(R"({"type":"message","room":"b")" + fields + "}") == "b");
    CHECK(named(R"({"type":"message","room":null)" + fields + "}").empty());
  }
  CHECK(named(subscribing("")) == "b");
  CHECK(named(subscribing("\"after\":-1")) == "b");
  CHECK(named(R"({"type":"unsubscribe","room":"b"})") == "b");
  for (const auto* frame :
       {"", "[]", R"({"room":"b"})", R"({"type":"ping","room":"b"})", R"({"type":"x","room":"b"})",
        R"({"type":"x","room":"b","key":5})", R"({"type":"message","room":"b","text":"\ud800"})"}) {
    CAPTURE(frame);
    CHECK(named(frame).empty());
  }
}

TEST_CASE("a number becomes one that fits and is of its kind") {
  CHECK(with_bounded_numbers(R"([0,-0,7,-7,1.5,1e2,"1e999"])") == R"([0,0,7,-7,0.5,0.5,"1e999"])");
  CHECK(with_bounded_numbers("9223372036854775808") == "9223372036854775807");
  CHECK(with_bounded_numbers("-9223372036854775809") == "-9223372036854775808");
  CHECK(with_bounded_numbers(repeated("9", 400)) == "9223372036854775807");
  CHECK(with_bounded_numbers("01 1. --1 \"a\\\"1.5") == "01 1. --1 \"a\\\"1.5");
}

TEST_SUITE_END();
