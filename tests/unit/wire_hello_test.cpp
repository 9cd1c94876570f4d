// The frame `hello`.
#include "actors/person.hpp"
#include "actors/wire.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_SUITE_BEGIN("wire hello");

namespace {

const std::string secret = "0123456789abcdef";

std::string repeated(std::string_view part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += part;
  return all;
}

wire::hello read(const std::string& fields) {
  return std::get<wire::hello>(
      wire::parse(R"({"type":"hello")" + (fields.empty() ? "" : "," + fields) + "}"));
}

/// Returns the code of the refusal, or an empty text.
std::string_view code_of(const std::string& fields) {
  const auto hello = read(fields);
  return hello.wrong ? name_of(hello.code) : std::string_view();
}

} // namespace

TEST_CASE("a hello gives what it names, and leaves the rest") {
  CHECK_FALSE(read("").name);
  CHECK_FALSE(read("").person);
  CHECK(read(R"("name":"Ann")").name == "Ann");
  CHECK_FALSE(read(R"("name":"Ann")").person);
  CHECK(read(R"("name":null)").name == "");
  CHECK(read(R"("name":"\u0410nn \ud83d\ude00")").name == "Аnn 😀");
  const auto both = read(R"("name":"Ann","secret":")" + secret + '"');
  CHECK(both.name == "Ann");
  CHECK(both.person == "anon-AY18-GuHIRbGmFoY");
  CHECK(read(R"("secret":"\u0030123456789abcdef","key":5,"room":"a b","more":[1e999])").person ==
        both.person);
  CHECK(read(R"("secret":"another secret of hers","secret":")" + secret + '"').person ==
        both.person);
}

TEST_CASE("a name is null or the name of a person") {
  for (const std::string name :
       {R"("")", R"(" ")", R"("\u200b")", R"("a\u0000b")", R"("a\nb")", R"("\u202eAnn")",
        R"("\ufdd0")", "7", "true", "[]", R"(["Ann"])", R"({"name":"Ann"})", "1e999"})
    CHECK_MESSAGE(code_of("\"name\":" + name) == "bad_name", name);
  CHECK(code_of("\"name\":\"" + repeated("é", 41) + '"') == "bad_name");
  CHECK(code_of("\"name\":\"" + repeated("é", 40) + '"').empty());
}

TEST_CASE("a secret has 16 to 128 characters without NUL") {
  for (const auto& text :
       {std::string("\"\""), "\"" + secret.substr(1) + '"', "\"" + repeated("é", 15) + '"',
        "\"" + repeated("a", 129) + '"', "\"" + secret + "\\u0000\"", std::string("null"),
        std::string("7"), std::string("[]"), "[\"" + secret + "\"]", std::string("1e999")})
    CHECK_MESSAGE(code_of("\"secret\":" + text) == "bad_secret", text);
  for (const auto& text :
       {repeated("a", 16), repeated("é", 16), repeated("💡", 128), std::string("                ")})
    CHECK(read("\"secret\":\"" + text + '"').person == person_of_secret(text));
}

TEST_CASE("the error of the secret comes before that of the name") {
  CHECK(code_of(R"("name":"","secret":"short")") == "bad_secret");
  CHECK(code_of(R"("secret":")" + secret + R"(","name":"")") == "bad_name");
}

TEST_CASE("a secret is overwritten when it was read") {
  for (const auto& text : {secret, repeated("a", 129)}) {
    auto kept = text;
    wire::read_hello({}, {wire::hello_field::kind::text, &kept});
    CHECK(kept == std::string(text.size(), '\0'));
  }
}

TEST_CASE("the answer has the name and the person, and null for what there is not") {
  CHECK(wire::hello_event({"Ann", "anon-AY18-GuHIRbGmFoY"}) ==
        R"({"type":"hello","name":"Ann","person":"anon-AY18-GuHIRbGmFoY"})");
  CHECK(wire::hello_event({}) == R"({"type":"hello","name":null,"person":null})");
  CHECK(wire::hello_event({"\"é\\", ""}) == R"({"type":"hello","name":"\"é\\","person":null})");
}

TEST_CASE("a message names its author after its time, and verified only with a name of a token") {
  const auto fields = [](const author_profile& who) {
    message m;
    m.by = who;
    const auto event = wire::message_event(m);
    const auto at = event.find("+00:00\"");
    REQUIRE(at != event.npos);
    return event.substr(at + 7);
  };
  CHECK(fields({}) == "}");
  CHECK(fields({"Ann", ""}) == R"(,"name":"Ann"})");
  CHECK(fields({"", "anon-1"}) == R"(,"person":"anon-1"})");
  CHECK(fields({"Ann", "anon-1"}) == R"(,"name":"Ann","person":"anon-1"})");
  CHECK(fields({"Ann", "user-1", true}) == R"(,"name":"Ann","person":"user-1","verified":true})");
  CHECK(fields({"Ann", "", true}) == R"(,"name":"Ann","verified":true})");
  CHECK(fields({"", "user-1", true}) == R"(,"person":"user-1"})");
}

TEST_CASE("a hello names no room in errors") {
  CHECK(wire::named_room(wire::parse(R"({"type":"hello","name":"Ann","room":"b"})"), "lobby")
            .empty());
}

TEST_SUITE_END();
