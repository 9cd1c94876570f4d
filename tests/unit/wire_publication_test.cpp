// The bodies of requests that publish.
#include "actors/wire_publication.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

std::string outcome_of(std::string_view body) {
  const auto read = wire::read_publication(body, 100);
  if (const auto* const why = std::get_if<wire::publication_refusal>(&read))
    return std::string(name_of(why->code)) + (why->index ? ' ' + std::to_string(*why->index) : "");
  const auto& all = std::get<wire::publication>(read);
  std::string out = all.single ? "single" : "many";
  for (const auto& m : all.messages)
    out += ' ' + m.text + m.data;
  return out;
}

} // namespace

TEST_CASE("a body is one message or an array of messages") {
  CHECK(outcome_of(R"({"text":"a"})") == "single a");
  CHECK(outcome_of(" \n{\"data\": [1 , 2]} ") == "single [1 , 2]");
  CHECK(outcome_of("\xEF\xBB\xBF"
                   R"([{"text":"a"}])") == "many a");
  CHECK(outcome_of(R"( [ {"text":"a"} ,{"text":"b","data":null}] )") == "many a bnull");
}

TEST_CASE("the message that is malformed is named") {
  for (const auto& [input, outcome] : std::vector<std::pair<std::string, std::string>>{
           {"", "bad_json 0"},
           {"[", "bad_json 0"},
           {"[]", "empty"},
           {R"({"text":"a"}})", "bad_json 0"},
           {R"({"text":"a"} x)", "bad_json 0"},
           {"[ ] x", "empty"},
           {"7", "not_object 0"},
           {R"([{"text":"a"})", "bad_json 0"},
           {R"([{"text":"a"},)", "bad_json 1"},
           {R"([{"text":"a"},])", "bad_json 1"},
           {R"([{"text":"a"}]])", "bad_json 0"},
           {R"([{"text":"a"} {"text":"b"}])", "bad_json 0"},
           {R"([{"text":"a"},{"text":"b",}])", "bad_json 1"},
           {R"([{"text":"a"},{}])", "no_text 1"},
           {R"([{"text":"a"},null])", "not_object 1"},
           {R"([{"text":"a"},[]])", "not_object 1"},
           {std::string("[{\"text\":\"a\0\"}]", 14), "bad_json 0"}}) {
    const auto& body = input; // clang 14 captures no structured binding
    CAPTURE(body);
    CHECK(outcome_of(body) == outcome);
  }
}

TEST_CASE("an array has at most 1000 messages") {
  std::string body = "[";
  for (int i = 0; i < 999; ++i)
    body += R"({"text":"a"},)";
  CHECK(outcome_of(body + R"({"text":"a"}])").starts_with("many"));
  CHECK(outcome_of(body + R"({"text":"a"},{"text":"a"}])") == "too_long");
  CHECK(outcome_of(body + R"({"text":""},{"text":"a"}])") == "empty 999");
}

TEST_CASE("a message is as large as a frame at most, and white space around it does not count") {
  const auto padded = [](std::size_t size) {
    std::string out = R"({"text":"a","more":")";
    return out + std::string(size - out.size() - 2, 'x') + "\"}";
  };
  CHECK(outcome_of(padded(16 * 1024 + 100)) == "single a");
  CHECK(outcome_of(padded(16 * 1024 + 101)) == "too_long 0");
  CHECK(outcome_of('[' + padded(100) + ',' + padded(16 * 1024 + 101) + ']') == "too_long 1");
  CHECK(outcome_of(R"({"text":"a"})" + std::string(1 << 19, ' ')) == "single a");
}

TEST_CASE("arrays without end in an array take no memory") {
  CHECK(outcome_of('[' + std::string(1 << 20, '[')) == "bad_json 0");
  CHECK(outcome_of('[' + std::string(1 << 19, '[') + std::string(1 << 19, ']') + ']') ==
        "not_object 0");
}
