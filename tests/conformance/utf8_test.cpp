// RFC 6455, sections 5.6 and 8.1: text is UTF-8, wherever frames and writes cut it. Invalid UTF-8
// closes the connection with 1007, as soon as the invalid byte comes.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("utf8");

namespace {

/// Adds the message in one frame, in frames that are cut at each byte of its words, and in frames
/// of one byte.
void add_cuts(std::vector<ws_case>& cases, const std::string& what, const std::string& words,
              const std::vector<std::string>& heard, std::uint16_t code) {
  const auto whole = message_json(words);
  const auto begin = whole.find(words);
  cases.push_back({"8.1", what, text(whole), heard, {}, code});
  const bool good = code == 1000;
  std::string bytewise = text(whole.substr(0, begin), false);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto at = begin + i;
    bytewise += more(words.substr(i, 1), false);
    cases.push_back({"8.1", what + ", cut at " + std::to_string(i),
                     text(whole.substr(0, at), false) + (good ? ping("1") : "") + more("", false) +
                         more(whole.substr(at)),
                     heard, good ? std::vector<std::string>{"1"} : std::vector<std::string>{},
                     code});
  }
  cases.push_back({"8.1",
                   what + ", in parts of one byte",
                   bytewise + more(whole.substr(begin + words.size())),
                   heard,
                   {},
                   code});
}

} // namespace

TEST_CASE("every code point is accepted, wherever it is cut") {
  const std::vector<std::pair<std::string, std::string>> good{
      {"U+007F, the last of one byte", "\x7F"},
      {"U+0080, the first of two", "\xC2\x80"},
      {"U+07FF, the last of two", "\xDF\xBF"},
      {"U+0800, the first of three", "\xE0\xA0\x80"},
      {"U+D7FF, before the surrogates", "\xED\x9F\xBF"},
      {"U+E000, behind them", "\xEE\x80\x80"},
      {"U+FEFF, the byte order mark", "\xEF\xBB\xBF"},
      {"U+FFFD, the replacement", "\xEF\xBF\xBD"},
      {"U+FFFE, which is no character", "\xEF\xBF\xBE"},
      {"U+FFFF, the last of three", "\xEF\xBF\xBF"},
      {"U+10000, the first of four", "\xF0\x90\x80\x80"},
      {"U+10FFFF, the last of all", "\xF4\x8F\xBF\xBF"},
      {"the Greek word", "κόσμε"},
      {"a family of four and its joiners", "👨‍👩‍👧‍👦"},
  };
  std::vector<ws_case> cases;
  for (auto& [what, words] : good)
    add_cuts(cases, what, words, {words}, 1000);
  play(cases);
}

TEST_CASE("invalid UTF-8 closes with 1007, wherever it is cut") {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"a continuation alone", "\x80"},
      {"the last continuation alone", "\xBF"},
      {"FE", "\xFE"},
      {"FF", "\xFF"},
      {"U+002F in two bytes", "\xC0\xAF"},
      {"U+007F in two bytes", "\xC1\xBF"},
      {"U+002F in three bytes", "\xE0\x80\xAF"},
      {"U+07FF in three bytes", "\xE0\x9F\xBF"},
      {"U+FFFF in four bytes", "\xF0\x8F\xBF\xBF"},
      {"NUL in two bytes", "\xC0\x80"},
      {"U+D800, a surrogate", "\xED\xA0\x80"},
      {"U+DFFF, a surrogate", "\xED\xBF\xBF"},
      {"a pair of surrogates", "\xED\xA1\x80\xED\xB0\x80"},
      {"U+110000", "\xF4\x90\x80\x80"},
      {"U+1FFFFF", "\xF7\xBF\xBF\xBF"},
      {"five bytes", "\xF8\x88\x80\x80\x80"},
      {"six bytes", "\xFC\x84\x80\x80\x80\x80"},
      {"two bytes cut short", "\xC3"},
      {"three bytes cut short", "\xE2\x82"},
      {"four bytes cut short", "\xF0\x9F\x98"},
      {"good words around a bad one", "κόσμε\xED\xA0\x80"
                                      "edited"},
  };
  std::vector<ws_case> cases;
  for (auto& [what, words] : bad)
    add_cuts(cases, what, words, {}, 1007);
  play(cases);
}

TEST_CASE("an invalid message closes before its end has come") {
  play({
      {"8.1", "a bad byte in the first part", text("\xFF", false), {}, {}, 1007},
      {"8.1", "a bad byte in the second", text("{", false) + more("\xFF", false), {}, {}, 1007},
      {"8.1", "a code point past all others", text("\xF4\x90", false), {}, {}, 1007},
      {"8.1", "a surrogate's second byte", text("\xED\xA0", false), {}, {}, 1007},
      {"8.1", "a frame that ends within one", text("\xF0\x9F\x98"), {}, {}, 1007},
      {"8.1", "a message that ends so", text("\xF0\x9F", false) + more("\x98"), {}, {}, 1007},
      {"8.1", "and goes on in the next", text("\xF0\x9F") + text("\x98\x80"), {}, {}, 1007},
  });
}

TEST_CASE("NUL and other control characters are valid UTF-8 but not JSON") {
  play({
      {"8.1", "NUL", text(std::string(1, '\0')), {"!bad_json"}},
      {"8.1", "NUL in a text", text(message_json(std::string(1, '\0'))), {"!bad_json"}},
      {"8.1", "U+001F in a text", text(message_json("\x1F")), {"!bad_json"}},
  });
}

TEST_SUITE_END();
