// Texts with a special meaning to JSON, SQL, shells or terminals come back byte for byte.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("text");

namespace {

const std::vector<std::string> texts{
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "مرحبا بالعالم שלום",
    "\u202Eright to left\u202C",
    "é e\u0301 ﬁ ß İ",
    "quote \" and ' and `",
    R"(back\slash \n \\ \u0041 \)",
    "{braces} {{}} }{",
    "line\nline\r\nline\ttab",
    "\x01\x02\x08\x1B[31m\x1F\x7F",
    "\u00A0\u200B\u2028\u2029\uFEFF",
    "\uFEFFa byte order mark first",
    "\uFFFD\uFFFE\uFFFF",
    "\U0001FFFF\U0010FFFF",
    "\uE000\uD7FF",
    R"({"a":1})",
    R"({"type":"message","text":"inner"})",
    "[1,2,3]",
    "[]",
    "\"\"",
    "null",
    "NULL",
    "true",
    "0",
    "007",
    "1e5",
    "-0.0",
    "9007199254740993",
    R"({a,"b"})",
    R"({"a","b"})",
    "{NULL}",
    "{}",
    R"(\N)",
    R"(\x41)",
    R"(E'\\n')",
    "'); drop table messages; --",
    "' or '1'='1",
    "$1 $$ :text :1 ? ?1 @x",
    "%s %n %00 %",
    "<script>alert(1)</script>",
    "<!-- & &amp; -->",
    " leading and trailing ",
    " ",
    "\n",
    "=1+1",
    "$(id) `id` ${HOME}",
    "../../etc/passwd",
    "ends with a backslash\\",
};

std::string hex(const std::string& bytes) {
  std::string digits;
  for (unsigned char byte : bytes)
    for (auto digit : {byte >> 4, byte & 15})
      digits += "0123456789abcdef"[digit];
  return digits;
}

std::string hex_of_text(const sqlite&) {
  return "lower(hex(cast(text as blob)))";
}
std::string hex_of_text(const postgres&) {
  return "encode(convert_to(text, 'UTF8'), 'hex')";
}

} // namespace

TEST_CASE_TEMPLATE("every text comes back byte for byte", database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  alice.say_all(texts);
  for (auto& text : texts)
    CHECK(alice.hears()["text"] == text);
  CHECK(each<std::string>(visitor{hub}.init["history"], "text") == texts);

  alice.leave();
  REQUIRE(hub.stop() == 0);
  auto stored = db.sql("select " + hex_of_text(db) + " from messages order by id");
  REQUIRE(stored.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(stored[i][0] == hex(texts[i]));

  hub.start();
  CHECK(each<std::string>(visitor{hub}.init["history"], "text") == texts);
}

TEST_CASE_TEMPLATE("every text comes back alone in its batch, too", database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  for (auto& text : texts) {
    alice.say(text);
    CHECK(alice.hears()["text"] == text);
  }
}

TEST_CASE("a JSON escape is decoded to the text that it stands for") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_text(R"({"type":"message","text":"\u0061\/\ud83d\ude00\u00e9\uffff\t"})");
  CHECK(alice.hears()["text"] == "a/😀é\uFFFF\t");
}

TEST_SUITE_END();
