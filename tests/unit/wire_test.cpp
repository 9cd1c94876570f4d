#include "actors/wire.hpp"

#include <boost/uuid/string_generator.hpp>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hubbub;
using nlohmann::json;

namespace {

std::string code_of(std::string_view text) {
  const auto said = wire::parse(text);
  const auto* why = std::get_if<wire::refusal>(&said);
  return why ? why->code : "";
}

std::string text_of(std::string_view text) {
  const auto said = wire::parse(text);
  REQUIRE(std::holds_alternative<wire::post>(said));
  return std::get<wire::post>(said).text;
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

TEST_CASE("a message is read with its text as it is") {
  CHECK(text_of(R"({"type":"message","text":"hi"})") == "hi");
  CHECK(text_of(R"({"text":" \u0414 \ud83d\ude00 \n","type":"message","more":[1,{}]})") ==
        " \xD0\x94 \xF0\x9F\x98\x80 \n");
}

TEST_CASE("1000 characters pass and 1001 do not, however many bytes each has") {
  for (const std::string one : {"x", "\xD0\x94", "\xF0\x9F\x98\x80"}) {
    CHECK(text_of(saying(repeated(one, 1000))) == repeated(one, 1000));
    CHECK(code_of(saying(repeated(one, 1001))) == "too_long");
  }
}

TEST_CASE("every kind of bad frame has a code of its own") {
  CHECK(code_of("") == "bad_json");
  CHECK(code_of("hello") == "bad_json");
  CHECK(code_of(R"({"type":"message","text":"x")") == "bad_json");
  CHECK(code_of(R"({"type":"message","text":1e999})") == "bad_json");
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

TEST_CASE("a key has 1 to 64 characters") {
  const auto with_key = [](const json& key) {
    return json{{"type", "message"}, {"text", "x"}, {"key", key}}.dump();
  };
  const auto said = wire::parse(with_key(repeated("\xD0\x94", 64)));
  CHECK(std::get<wire::post>(said).key == repeated("\xD0\x94", 64));
  CHECK(std::get<wire::post>(wire::parse(saying("x"))).key.empty());
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
                      {"text", sample().text},
                      {"connection_id", "0a0b0c0d-0102-4304-8506-0708090a0b0c"},
                      {"user_message_number", 3},
                      {"created_at", "2026-01-31T09:30:00.123456+00:00"}});
}

TEST_CASE("a stored text that is no UTF-8 is shown as far as it goes") {
  auto m = sample();
  m.text = "a\xFFz";
  CHECK(json::parse(wire::message_event(m))["text"] == "a\xEF\xBF\xBDz");
}

TEST_CASE("an init is put together from its parts") {
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

TEST_CASE("an ack carries key, id and number") {
  CHECK(json::parse(wire::ack_event("k\"1", 9, 4)) ==
        json{{"type", "ack"}, {"key", "k\"1"}, {"id", 9}, {"user_message_number", 4}});
}
