// The data of a message: read from a frame and shown byte for byte.
#include "actors/json_grammar.hpp"
#include "actors/wire.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <vector>

using namespace hubbub;
using nlohmann::json;

TEST_SUITE_BEGIN("data of messages");

namespace {

constexpr std::size_t largest = 256 * 1024;

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  while (times-- > 0)
    out += what;
  return out;
}

/// A message frame with this JSON text as its data.
std::string with_data(const std::string& data) {
  return R"({"type":"message","data":)" + data + R"(,"text":"x","key":"k","room":"b"})";
}

wire::message_command read(const std::string& frame) {
  const auto said = wire::parse(frame, largest);
  REQUIRE(std::holds_alternative<wire::message_command>(said));
  return std::get<wire::message_command>(said);
}

wire::refusal refused(const std::string& frame, std::size_t max_data = largest) {
  const auto said = wire::parse(frame, max_data);
  REQUIRE(std::holds_alternative<wire::refusal>(said));
  return std::get<wire::refusal>(said);
}

std::string code_of(const std::string& frame) {
  return std::string(name_of(refused(frame).code));
}

const std::vector<std::string> values{
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1e999",
    "-1E-999",
    repeated("9", 5000),
    "12345678901234567890.123456789",
    R"("")",
    R"("x")",
    R"("\u0000 \ud800 \udc00\uDBFF \ud83d\ude00 \\ \" \/ \b")",
    R"("\\ud800")",
    "\"\xF0\x9F\x98\x80\xD0\x94\"",
    "[]",
    "{}",
    R"({"a":1,"a":2,"data":{"data":[]},"":""})",
    "[ 1 ,\t2\r\n, {\"a\" : [ ] } ]",
    R"(["]","}","\"]",{"[":"{"}])",
    repeated("[", 131'000) + repeated("]", 131'000),
};

const std::vector<std::string> malformed{
    "",
    "nul",
    "nulll",
    "tru e",
    "01",
    "1.",
    "+1",
    ".5",
    "1e",
    "NaN",
    "[",
    "]",
    "[}",
    "{]",
    "[1,]",
    "{,}",
    R"({"a"})",
    R"({"a":})",
    R"({1:2})",
    R"("\u12")",
    R"("\ud8g0")",
    R"("\x")",
    "\"\x01\"",
    "\"\xFF\"",
    "\"\xED\xA0\x80\"",
    "'x'",
    "[1]]",
    "{}{}",
    "1 2",
    "/*c*/1",
    "\"x",
    "\xEF\xBB\xBF"
    "1",
};

} // namespace

TEST_CASE("data is any JSON value, and is kept byte for byte") {
  for (const auto& value : values) {
    const auto data = value;
    CAPTURE(data.substr(0, 100));
    const auto said = read(with_data(data));
    CHECK(said.data == data);
    CHECK(said.text == "x");
    CHECK(said.key == "k");
    CHECK(said.room == "b");
  }
}

TEST_CASE("the white space around data is not a part of it") {
  CHECK(read("{\"type\":\"message\",\"data\" :\t\r\n [ 1 ] \n}").data == "[ 1 ]");
  CHECK(read("\xEF\xBB\xBF {\"data\": 7 ,\"type\":\"message\"}").data == "7");
}

TEST_CASE("data that is no JSON makes the frame no JSON") {
  for (const auto& value : malformed) {
    const auto data = value;
    CAPTURE(data);
    CHECK(code_of(with_data(data)) == "bad_json");
    CHECK(code_of(R"({"type":"ping","data":)" + data + "}") == "bad_json");
    CHECK_FALSE(is_json_value(data));
  }
  CHECK(code_of(with_data(std::string("\"\0\"", 3))) == "bad_json");
  CHECK(code_of(with_data(repeated("[", 131'000))) == "bad_json");
  CHECK(code_of(with_data(repeated("{\"a\":", 40'000))) == "bad_json");
}

TEST_CASE("a frame that is malformed beside its data is no JSON") {
  for (const std::string frame :
       {R"({"type":"message","data":1)", R"({"type":"message","data":1}})",
        R"({"type":"message","data":1 "text":"x"})", R"({"type":"message","data":"x""y"})",
        R"({"type":"message","data" 1})", R"({"type":"message",data:1})",
        R"({"type":"message","data":1,})", R"(["type":"message","data":1])",
        R"({"type":"message","text":"x,"data":1})",
        "\xEF\xBB\xBF\xEF\xBB\xBF{\"type\":\"message\",\"data\":1}"}) {
    CAPTURE(frame);
    CHECK(code_of(frame) == "bad_json");
  }
  CHECK(code_of(R"(["data",1])") == "not_object");
}

TEST_CASE("the name of the field may be escaped") {
  for (const std::string name :
       {R"(d\u0061ta)", R"(\u0064\u0061\u0074\u0061)", R"(dat\u0061)", R"(\u0064ata)"}) {
    CAPTURE(name);
    CHECK(read(R"({"type":"message",")" + name + R"(":"\ud800"})").data == R"("\ud800")");
  }
  for (const std::string name : {R"(d\u0041ta)", "Data", "datas", R"(\\u0064ata)", R"(data\u0000)"})
    CHECK(read(R"({"type":"message","text":"x",")" + name + R"(":1})").data.empty());
}

TEST_CASE("of several data the last counts, and each must be JSON") {
  CHECK(read(R"({"type":"message","data":1,"d\u0061ta":[2],"text":"x"})").data == "[2]");
  CHECK(code_of(R"({"type":"message","data":[,"data":1})") == "bad_json");
  CHECK(code_of(R"({"type":"message","data":[,],"data":1})") == "bad_json");
}

TEST_CASE("only a field of the frame itself is data") {
  CHECK(read(R"({"type":"message","text":"x","more":{"data":1}})").data.empty());
  CHECK(read(R"({"type":"message","text":"\"data\":1"})").data.empty());
  CHECK(read(R"({"type":"message","text":"x","more":["data",{"data":1}],"data":2})").data == "2");
}

TEST_CASE("a message has text, data or both") {
  CHECK(read(R"({"type":"message","data":null})").data == "null");
  CHECK(read(R"({"type":"message","data":null})").text.empty());
  CHECK(read(R"({"type":"message","text":"","data":0})").text.empty());
  CHECK(code_of(R"({"type":"message"})") == "no_text");
  CHECK(code_of(R"({"type":"message","text":""})") == "empty");
  CHECK(code_of(R"({"type":"message","text":null,"data":1})") == "no_text");
  CHECK(code_of(R"({"type":"message","text":1,"data":1})") == "no_text");
}

TEST_CASE("a text beside data has the limits of a text without") {
  CHECK(code_of(R"({"type":"message","data":1,"text":")" + repeated("x", 1001) + "\"}") ==
        "too_long");
  CHECK(code_of(R"({"type":"message","data":"\ud800","text":"\ud800"})") == "surrogate");
  CHECK(code_of(R"({"type":"message","data":"\u0000","text":"\u0000"})") == "nul");
}

TEST_CASE("data has at most as many bytes as is set") {
  const auto data = '"' + repeated("x", 98) + '"';
  CHECK(std::holds_alternative<wire::message_command>(wire::parse(with_data(data), 100)));
  const auto why = refused(with_data(data), 99);
  CHECK(why.code == refusal_code::too_long);
  CHECK(why.message == "data is over 99 bytes");
  CHECK(why.key == "k");
  CHECK(why.room == "b");
  CHECK(refused(with_data("0"), 0).code == refusal_code::too_long);
  const auto full = '"' + repeated("x", 8190) + '"', over = '"' + repeated("x", 8191) + '"';
  CHECK(std::holds_alternative<wire::message_command>(wire::parse(with_data(full))));
  CHECK(std::holds_alternative<wire::refusal>(wire::parse(with_data(over))));
}

TEST_CASE("frames of other types may have data, which has no effect") {
  CHECK(std::holds_alternative<wire::ping>(
      wire::parse(R"({"type":"ping","data":["\ud800",1e999]})", 0)));
  const auto said = wire::parse(
      R"({"data":{"room":"c"},"type":"subscribe","room":"b","after":99999999999999999999,)"
      R"("log":"3b241101-e2bb-4255-8caf-4136c566a962"})");
  REQUIRE(std::holds_alternative<wire::subscribe>(said));
  CHECK(std::get<wire::subscribe>(said).room == "b");
}

TEST_CASE("a large frame is read whatever is nested in it") {
  const auto nested = repeated("[", 50'000) + repeated("]", 50'000);
  CHECK(read(R"({"type":"message","more":)" + nested + R"(,"text":"x"})").text == "x");
  CHECK(
      read(R"({"more":{"a":)" + nested + R"(},"type":"message","text":"x","data":)" + nested + "}")
          .data == nested);
  CHECK(code_of(R"({"type":"message","more":)" + nested.substr(1) + R"(,"text":"x"})") ==
        "bad_json");
  CHECK(code_of(R"({"type":"message","text":"x","room":)" + nested + "}") == "bad_room");
  CHECK(code_of(repeated("[", 100'000)) == "bad_json");
  CHECK(code_of(nested) == "not_object");
  CHECK(code_of(R"({"type":"message","key":"k","text":")" + repeated("x", 100'000) + "\"}") ==
        "too_long");
}

TEST_CASE("data is in the event byte for byte, right after the text") {
  message row;
  row.id = 7;
  row.room = "b";
  for (const auto& value : values) {
    row.data = value;
    CAPTURE(row.data.substr(0, 100));
    CHECK(wire::message_event(row).starts_with(
        R"({"type":"message","id":7,"room":"b","text":"","data":)" + row.data +
        R"(,"connection_id":)"));
  }
  row.data.clear();
  CHECK(wire::message_event(row).find("data") == std::string::npos);
}

TEST_CASE("a spoiled frame has data that is JSON, or is refused") {
  std::mt19937 dice(20261129);
  static constexpr std::string_view nasty = "\"\\{}[]:,\x80\xFF u0dD8eE+-.19 \n";
  int accepted = 0, refusals = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto frame = with_data(values[dice() % (values.size() - 1)]);
    for (auto times = dice() % 4; times-- > 0;)
      frame[dice() % frame.size()] = nasty[dice() % nasty.size()];
    const auto said = wire::parse(frame, largest);
    if (const auto* message = std::get_if<wire::message_command>(&said)) {
      ++accepted;
      REQUIRE((message->data.empty() || is_json_value(message->data)));
      REQUIRE(frame.find(message->data) != std::string::npos);
    } else
      ++refusals;
  }
  CHECK(accepted > 1000);
  CHECK(refusals > 1000);
}
