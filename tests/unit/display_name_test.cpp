// Which texts are names of persons, and which names are confusable.
#include "actors/display_name.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace hubbub;

TEST_SUITE_BEGIN("display name");

namespace {

std::string repeated(std::string_view part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += part;
  return all;
}

bool are_confusable(std::string_view one, std::string_view other) {
  const auto a = skeletons_of(one), b = skeletons_of(other);
  return a[0] == b[0] || a[1] == b[1];
}

} // namespace

TEST_CASE("names of all scripts are names") {
  for (const std::string name :
       {"A",       "Ann", "ann o'neil",  " Ann ",  "Анна",       "张伟",      "مريم",
        "נועה",    "जॉन", "👩‍🚀", "❤️", "e\u0301",    "Ann\u0301", "a\u200db",
        "\u00adA", "42",  "-",           "\u3042", "\U0001F9D1", "\uE000",    "<b>\"&\\"})
    CHECK_MESSAGE(is_display_name(name), name);
}

TEST_CASE("a name has 1 to 40 code points, whatever their size") {
  CHECK_FALSE(is_display_name(""));
  for (const auto* one : {"a", "é", "世", "💡"}) {
    CHECK(is_display_name(repeated(one, 40)));
    CHECK_FALSE(is_display_name(repeated(one, 41)));
    CHECK_FALSE(is_display_name(repeated(one, 4000)));
  }
  CHECK(is_display_name("a" + repeated("\u0301", 39)));
  CHECK_FALSE(is_display_name("a" + repeated("\u0301", 40)));
}

TEST_CASE("a name has no control, no separator of lines, no noncharacter, and no bidi control") {
  for (const auto& part :
       {std::string("\0", 1), std::string("\t"), std::string("\n"), std::string("\x1b"),
        std::string("\x7f"), std::string("\u0080"), std::string("\u0085"), std::string("\u009f"),
        std::string("\u061c"), std::string("\u200e"), std::string("\u200f"), std::string("\u2028"),
        std::string("\u2029"), std::string("\u202a"), std::string("\u202b"), std::string("\u202c"),
        std::string("\u202d"), std::string("\u202e"), std::string("\u2066"), std::string("\u2067"),
        std::string("\u2068"), std::string("\u2069"), std::string("\ufdd0"), std::string("\ufdef"),
        std::string("\ufffe"), std::string("\uffff"), std::string("\xf4\x8f\xbf\xbf"),
        // no UTF-8
        std::string("\xed\xa0\x80"), std::string("\xff"), std::string("\xc3"),
        std::string("\xc0\x80"), std::string("\xf4\x90\x80\x80")}) {
    CAPTURE(part);
    for (const auto& name : {"Ann" + part, part + "Ann", "A" + part + "nn", part})
      CHECK_FALSE(is_display_name(name));
  }
}

TEST_CASE("a name has something visible") {
  for (const std::string name : {" ",
                                 "   ",
                                 "\u00a0",
                                 "\u1680",
                                 "\u2003",
                                 "\u202f",
                                 "\u205f",
                                 "\u3000",
                                 "\u00ad",
                                 "\u034f",
                                 "\u115f",
                                 "\u1160",
                                 "\u17b4",
                                 "\u180e",
                                 "\u200b",
                                 "\u200c",
                                 "\u200d",
                                 "\u2060",
                                 "\u2061",
                                 "\u206a",
                                 "\u3164",
                                 "\ufe0f",
                                 "\ufeff",
                                 "\uffa0",
                                 "\u2800",
                                 "\u0301",
                                 "\u0301\u0302",
                                 "\u20dd",
                                 "\u0903",
                                 " \u0301",
                                 "\u200b\u2060 \u3164",
                                 "\U000e0041",
                                 "\U000e0100",
                                 "\U000e0fff",
                                 "\U0001d173",
                                 "\ufff9",
                                 "\u0600"})
    CHECK_FALSE_MESSAGE(is_display_name(name), name);
}

TEST_CASE("names that look alike are confusable") {
  for (const auto& pair : std::initializer_list<std::pair<std::string, std::string>>{
           {"Ann", "Аnn"},                // U+0410, Cyrillic
           {"paypal", "раураl"},          // Cyrillic р, а, у
           {"PaypaI", "Paypal"},          // a capital i
           {"Bill", "Bi11"},              // ones
           {"Oslo", "0slo"},              // a zero
           {"modern", "rnodern"},         // two letters like one
           {"Ann", "Ａｎｎ"},             // full width
           {"ANN", "ａｎｎ"},             //
           {"Ann", "ann"},                // case
           {"ΟΔΟΣ", "οδος"},              // two small letters of one capital one
           {"STRASSE", "straße"},         //
           {"Анна", "АННА"},              //
           {"fine", "ﬁne"},               // a ligature
           {"Ann", "𝐀𝐧𝐧"},                // mathematical letters
           {"René", "Rene\u0301"},        // composed and not
           {"Ann", "A\u200bnn"},          // invisible characters
           {"Ann", "An\u200d\u200cn"},    //
           {"Ann", "\ufeffAnn\u2060"},    //
           {"Ann", "A\u00adnn"},          //
           {"Ann", "Ann\ufe0f"},          //
           {"Ann", "Ann\U000e0061"},      //
           {"Ann", "  Ann\u00a0\u3000"},  // white space at the ends
           {"Ann Lee", "Ann  Lee"},       // white space inside
           {"Ann Lee", "Ann\u2003 Lee"},  //
           {"Ann Lee", "Ann \u200b Lee"}, //
           {"נועה", "נוע\u200cה"},        // right to left
           {"مريم", "مریم"}}) {           // Arabic and Persian yeh
    const auto &one = pair.first, &other = pair.second;
    CAPTURE(one);
    CAPTURE(other);
    CHECK(are_confusable(one, other));
    CHECK(are_confusable(other, one));
  }
}

TEST_CASE("names that do not look alike are not confusable") {
  for (const auto& pair : std::initializer_list<std::pair<std::string, std::string>>{
           {"Ann", "Anna"},
           {"Ann", "Anne"},
           {"Ann Lee", "AnnLee"},
           {"Ian", "Lan"}, // although I and l are confusable, and L and l differ in case alone
           {"René", "Rene"},
           {"Анна", "Anna"},
           {"张伟", "张玮"},
           {"💡", "🔥"},
           {"1", "2"}}) {
    const auto &one = pair.first, &other = pair.second;
    CAPTURE(one);
    CAPTURE(other);
    CHECK_FALSE(are_confusable(one, other));
  }
}

TEST_CASE("any bytes have skeletons, and a good name has one that is not empty") {
  std::mt19937 dice(20261129);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto size = dice() % 40; size-- > 0;)
      if (dice() % 3)
        text += char(dice());
      else // a random code point of three bytes
        ((text += char(0xe0 | dice() % 16)) += char(0x80 | dice() % 64)) +=
            char(0x80 | dice() % 64);
    const auto all = skeletons_of(text);
    if (is_display_name(text)) {
      REQUIRE_FALSE(all[0].empty());
      REQUIRE_FALSE(all[1].empty());
    }
  }
  CHECK(skeletons_of("") == name_skeletons{});
  CHECK_FALSE(skeletons_of(repeated("\ufdfa", 5000))[1].empty()); // 18 characters each
}

TEST_SUITE_END();
