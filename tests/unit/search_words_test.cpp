// The words of a search: where a word begins and ends.
#include "storage/search_words.hpp"

#include <doctest/doctest.h>

using namespace hubbub;
using strings = std::vector<std::string>;

TEST_CASE("a text is split at everything that is no letter, digit or mark") {
  CHECK(split_words("Hello, World!") == strings{"Hello", "World"});
  CHECK(split_words("foo-bar_baz.com/x?y=1") == strings{"foo", "bar", "baz", "com", "x", "y", "1"});
  CHECK(split_words("caf\xC3\xA9 \xE6\x9D\xB1\xE4\xBA\xAC") ==
        strings{"caf\xC3\xA9", "\xE6\x9D\xB1\xE4\xBA\xAC"});
  CHECK(split_words("e\xCC\x81t") == strings{"e\xCC\x81t"}); // a combining accent
  CHECK(split_words("a\xE2\x80\x94"
                    "b\xF0\x9F\x98\x80"
                    "c\xC2\xA0"
                    "d") == strings{"a", "b", "c", "d"});
  using namespace std::literals;
  CHECK(split_words("a\0b"sv) == strings{"a", "b"});
  CHECK(split_words("\"a\" NEAR(b*) ^c:d") == strings{"a", "NEAR", "b", "c", "d"});
}

TEST_CASE("a text without letters and digits has no words, and neither has one that is not UTF-8") {
  for (const auto* text : {"", " ", "...", "\xF0\x9F\x98\x80", "\xCC\x81", "-*\"'()", "a\xFF",
                           "\xC3", "a \xED\xA0\x80 b", "\xC0\x80"}) {
    CAPTURE(text);
    CHECK(split_words(text).empty());
  }
}

TEST_CASE("a search is long over 200 code points, however many bytes they are") {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "\xF0\x9F\x98\x80";
  CHECK_FALSE(is_long_search(text));
  CHECK(is_long_search(text + "a"));
  CHECK_FALSE(is_long_search(std::string(200, 'a')));
  CHECK(is_long_search(std::string(201, 'a')));
}
