#include "actors/wire.hpp"

#include <boost/uuid/string_generator.hpp>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <vector>

using namespace hubbub;
using nlohmann::json;

namespace {

std::string code_of(std::string_view text) {
  const auto said = wire::parse(text);
  const auto* why = std::get_if<wire::refusal>(&said);
  return why ? std::string(name_of(why->code)) : "";
}

std::string text_of(std::string_view text) {
  const auto said = wire::parse(text);
  REQUIRE(std::holds_alternative<wire::message_command>(said));
  return std::get<wire::message_command>(said).text;
}

std::string saying(const std::string& words) {
  return json{{"type", "message"}, {"text", words}}.dump();
}

std::string repeated(const std::string& what, int times) {
  std::string out;
  while (times-- > 0)
    out += what;
  return out;
}

message sample() {
  message m;
  m.id = 7;
  m.room = "lobby";
  m.text = "\"quoted\" \\ \n \xF0\x9F\x98\x80";
  m.connection_id = boost::uuids::string_generator()("0a0b0c0d-0102-4304-8506-0708090a0b0c");
  m.user_message_number = 3;
  m.created_at = instant{std::chrono::microseconds{1769851800123456}};
  return m;
}

} // namespace

TEST_CASE("a message is read with its text unchanged") {
  CHECK(text_of(R"({"type":"message","text":"hi"})") == "hi");
  CHECK(text_of(R"({"text":" \u0414 \ud83d\ude00 \n","type":"message","more":[1,{}]})") ==
        " \xD0\x94 \xF0\x9F\x98\x80 \n");
}

TEST_CASE("a text of 1000 characters is accepted and one of 1001 is not, whatever their bytes") {
  for (const std::string one : {"x", "\xD0\x94", "\xF0\x9F\x98\x80"}) {
    CHECK(text_of(saying(repeated(one, 1000))) == repeated(one, 1000));
    CHECK(code_of(saying(repeated(one, 1001))) == "too_long");
  }
}

TEST_CASE("a frame of type ping is a ping, whatever its other fields") {
  for (const auto* text :
       {R"({"type":"ping"})", R"({"text":7,"type":"ping","key":5,"more":1e999})"})
    CHECK(std::holds_alternative<wire::ping>(wire::parse(text)));
  CHECK(code_of(R"({"type":"Ping"})") == "unknown_type");
  CHECK(code_of(R"({"type":"pong"})") == "unknown_type");
  CHECK(code_of(R"({"type":["ping"]})") == "unknown_type");
}

TEST_CASE("every kind of bad frame has its own code") {
  CHECK(code_of("") == "bad_json");
  CHECK(code_of("hello") == "bad_json");
  CHECK(code_of(R"({"type":"message","text":"x")") == "bad_json");
  CHECK(code_of("[]") == "not_object");
  CHECK(code_of("\"message\"") == "not_object");
  CHECK(code_of("{}") == "no_type");
  CHECK(code_of(R"({"type":"shout","text":"x"})") == "unknown_type");
  CHECK(code_of(R"({"type":7,"text":"x"})") == "unknown_type");
  CHECK(code_of(R"({"type":"message"})") == "no_text");
  CHECK(code_of(R"({"type":"message","text":["x"]})") == "no_text");
  CHECK(code_of(R"({"type":"message","text":""})") == "empty");
  CHECK(code_of(R"({"type":"message","text":"a\u0000b"})") == "nul");
  CHECK(code_of(R"({"type":"message","text":"\ud800"})") == "surrogate");
  CHECK(code_of(R"({"type":"message","text":"\udc00x"})") == "surrogate");
}

TEST_CASE("only white space may follow the JSON value") {
  const std::string good = R"({"type":"message","text":"x"})";
  CHECK(text_of(" \t\r\n" + good + " \t\r\n") == "x");
  for (const auto& more :
       {std::string(1, '\0'), std::string("\0 garbage", 9), " \n" + std::string(2, '\0'),
        std::string("\x1A"), std::string("\xFF"), std::string("\f"), std::string("\xC2\xA0"),
        std::string("x"), std::string("{}"), std::string(","), std::string("//"),
        std::string("\xEF\xBB\xBF")}) {
    CAPTURE(more);
    CHECK(code_of(good + more) == "bad_json");
  }
  CHECK(code_of('\0' + good) == "bad_json");
  CHECK(code_of(std::string(1, '\0')) == "bad_json");
  CHECK(code_of(std::string("{\"type\":\"message\",\0\"text\":\"x\"}", 29)) == "bad_json");
  CHECK(code_of(std::string("{\"type\":\"message\",\"text\":\"a\0b\"}", 31)) == "bad_json");
}

TEST_CASE("a number of any size is JSON, anywhere in the frame") {
  for (const auto& number : std::vector<std::string>{
           "1e999999", "-1e999999", "1E+400", "0.5e400", "1e-999999",
           "123456789012345678901234567890", "-" + repeated("9", 5000), "1.7976931348623159e308"}) {
    CAPTURE(number);
    CHECK(text_of(R"({"more":)" + number + R"(,"type":"message","text":"1e999 \" \\"})") ==
          "1e999 \" \\");
    CHECK(text_of(R"({"type":"message","text":"x","a":[0,{"b":[)" + number + "," + number +
                  "]}]}") == "x");
    CHECK(text_of(R"({"a":{"1e999":)" + number + R"(},"type":"message","text":"x"})") == "x");
    CHECK(code_of(number) == "not_object");
    CHECK(code_of(R"({"type":)" + number + "}") == "unknown_type");
    CHECK(code_of(R"({"type":"message","text":)" + number + "}") == "no_text");
    CHECK(code_of(R"({"type":"message","text":"x","key":)" + number + "}") == "bad_key");
    CHECK(code_of(R"({"type":"message","text":"x","a":[)" + number) == "bad_json");
    CHECK(code_of(R"({"type":"message","text":"\ud800","a":)" + number + "}") == "surrogate");
  }
}

TEST_CASE("a malformed number of any size is no JSON") {
  for (const auto* number : {"1e999999.", "1e999999x", "1e999999e1", "01e999999", "+1e999999",
                             ".1e999999", "1.e999999", "--1e999999", "1e999999 1", "1e999999+1",
                             "-", "1e", "1e+", "Infinity", "-Infinity", "NaN", "0x1e999999"})
    for (const std::string before : {"", "1e999999,"}) {
      CAPTURE(number);
      CHECK(code_of(R"({"type":"message","text":"x","a":[)" + before + number + "]}") ==
            "bad_json");
    }
}

TEST_CASE("a byte order mark in front is skipped (RFC 8259, section 8.1)") {
  CHECK(text_of("\xEF\xBB\xBF{\"type\":\"message\",\"text\":\"x\",\"a\":1e999}") == "x");
  CHECK(code_of("\xEF\xBB{\"type\":\"message\",\"text\":\"x\"}") == "bad_json");
}

TEST_CASE("of two fields with the same name the last counts") {
  CHECK(text_of(R"({"type":"x","type":"message","text":1e999,"text":"last"})") == "last");
}

TEST_CASE("a lone surrogate has a code of its own, and the word surrogate in a text has not") {
  CHECK(code_of(R"({"surrogate","type":"message"})") == "bad_json");
  CHECK(code_of(R"({"type":"message","text":"surrogate" x})") == "bad_json");
  CHECK(code_of(R"({"type":"message","text":"x","more":"\udc00"})") == "surrogate");
}

TEST_CASE("a key has 1 to 64 characters") {
  const auto with_key = [](const json& key) {
    return json{{"type", "message"}, {"text", "x"}, {"key", key}}.dump();
  };
  const auto said = wire::parse(with_key(repeated("\xD0\x94", 64)));
  CHECK(std::get<wire::message_command>(said).key == repeated("\xD0\x94", 64));
  CHECK(std::get<wire::message_command>(wire::parse(saying("x"))).key.empty());
  CHECK(code_of(with_key(nullptr)) == "bad_key");
  CHECK(code_of(with_key(repeated("k", 65))) == "bad_key");
  CHECK(code_of(with_key("")) == "bad_key");
  CHECK(code_of(with_key(5)) == "bad_key");
  CHECK(code_of(with_key(std::string("a\0b", 3))) == "bad_key");
}

TEST_CASE("a refusal names the key of the message that it refuses") {
  const auto said = wire::parse(R"({"type":"message","text":"","key":"mine"})");
  const auto event = json::parse(wire::error_event(std::get<wire::refusal>(said)));
  CHECK(event["key"] == "mine");
  CHECK(event["code"] == "empty");
  CHECK(event["type"] == "error");
}

TEST_CASE("a message event has the fields of the old chat and comes back byte for byte") {
  const auto event = json::parse(wire::message_event(sample()));
  CHECK(event == json{{"type", "message"},
                      {"id", 7},
                      {"room", "lobby"},
                      {"text", sample().text},
                      {"connection_id", "0a0b0c0d-0102-4304-8506-0708090a0b0c"},
                      {"user_message_number", 3},
                      {"created_at", "2026-01-31T09:30:00.123456+00:00"}});
}

TEST_CASE("a text is shown byte for byte, whatever its characters") {
  for (int c = 0; c < 0x80; ++c) {
    auto m = sample();
    m.text = std::string("a") + char(c) + "z";
    CAPTURE(c);
    CHECK(json::parse(wire::message_event(m))["text"] == m.text);
  }
}

TEST_CASE("a stored text that is not UTF-8 is shown with U+FFFD for the bad bytes") {
  auto m = sample();
  m.text = "a\xFFz";
  CHECK(json::parse(wire::message_event(m))["text"] == "a\xEF\xBF\xBDz");
}

TEST_CASE("an init is its head, the messages and its tail") {
  const auto event =
      json::parse(wire::init_head(sample().connection_id) + wire::message_event(sample()) +
                  wire::init_tail("lobby", "some-log", false));
  CHECK(event["type"] == "init");
  CHECK(event["history"].size() == 1);
  CHECK(event["history"][0]["id"] == 7);
  CHECK(event["room"] == "lobby");
  CHECK(event["log"] == "some-log");
  CHECK(event["resumed"] == false);
}

TEST_CASE("the fields of events are in the order of the description") {
  auto m = sample();
  m.text = "hi";
  m.by.name = "Ann";
  CHECK(wire::message_event(m) ==
        R"({"type":"message","id":7,"room":"lobby","text":"hi",)"
        R"("connection_id":"0a0b0c0d-0102-4304-8506-0708090a0b0c","user_message_number":3,)"
        R"("created_at":"2026-01-31T09:30:00.123456+00:00","name":"Ann"})");
  CHECK(wire::ack_event("k", "b", 9, 4) ==
        R"({"type":"ack","key":"k","room":"b","id":9,"user_message_number":4})");
  CHECK(wire::error_event({refusal_code::not_subscribed, "why", "k", "b"}) ==
        R"({"type":"error","message":"why","code":"not_subscribed","room":"b","key":"k"})");
  CHECK(wire::error_event({refusal_code::bad_json, "why", {}}) ==
        R"({"type":"error","message":"why","code":"bad_json"})");
  CHECK(wire::unsubscribed_event("b") == R"({"type":"unsubscribed","room":"b"})");
  CHECK(wire::presence_event("b", 2) == R"({"type":"presence","room":"b","online":2})");
}

TEST_CASE("a subscribed event is its head, the messages and the tail of an init") {
  const auto begin = std::string(wire::subscribed_head);
  CHECK(begin + wire::init_tail("b", "some-log", false) ==
        R"({"type":"subscribed","history":[],"room":"b","log":"some-log","resumed":false})");
  CHECK(begin + wire::init_tail("b", "some-log", false, log_fork{132, 8589934724}, 7) ==
        R"({"type":"subscribed","history":[],"room":"b","log":"some-log","resumed":false,)"
        R"("missed":7,"fork":{"after":132,"first":8589934724}})");
  const auto full =
      json::parse(begin + wire::message_event(sample()) + wire::init_tail("b", "some-log", true));
  CHECK(full["history"][0]["id"] == 7);
  CHECK(full["resumed"] == true);
}

TEST_CASE("a fork names its room, what survived, and where ids go on") {
  CHECK(json::parse(wire::fork_event("a\"b", {132, 8589934724})) ==
        json{{"type", "fork"}, {"room", "a\"b"}, {"after", 132}, {"first", 8589934724}});
  const auto init = json::parse(wire::init_head(sample().connection_id) +
                                wire::init_tail("lobby", "some-log", true, log_fork{0, 9}));
  CHECK(init["fork"] == json{{"after", 0}, {"first", 9}});
  CHECK(init["resumed"] == true);
}

TEST_CASE("an ack carries key, room, id and number") {
  CHECK(json::parse(wire::ack_event("k\"1", "caf\xC3\xA9", 9, 4)) ==
        json{{"type", "ack"},
             {"key", "k\"1"},
             {"room", "caf\xC3\xA9"},
             {"id", 9},
             {"user_message_number", 4}});
}
