// Searches for words, on both databases.
#include "storage/search_words.hpp"
#include "tests/log/one_hub.hpp"
#include "tests/log/searched_log.hpp"

#include <algorithm>
#include <cctype>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

ON_BOTH_DATABASES("a search finds the messages that have all its words, in any order and case") {
  searched_log it(db, {"Hello, World!", "hello", "world of wonders", "the WORLD says: Hello"});
  CHECK(it.find("hello") == strings{"the WORLD says: Hello", "hello", "Hello, World!"});
  CHECK(it.find("WORLD hello") == strings{"the WORLD says: Hello", "Hello, World!"});
  CHECK(it.find("world, world? hello") == strings{"the WORLD says: Hello", "Hello, World!"});
  CHECK(it.find("hell").empty());
  CHECK(it.find("hello nobody").empty());
  CHECK(it.find("...").empty());
  it.store({"hello again"});
  CHECK(it.find("hello again") == strings{"hello again"});
}

ON_BOTH_DATABASES("a search is of one room and has pages") {
  searched_log it(db);
  for (int i = 1; i <= 30; ++i)
    it.store({"word " + std::to_string(i)}, i % 3 ? "lobby" : "den");
  CHECK(it.find("word", "den", 4) == strings{"word 30", "word 27", "word 24", "word 21"});
  const auto page = it.log->search("lobby", "word", no_end, 3);
  CHECK(texts(page) == strings{"word 26", "word 28", "word 29"});
  CHECK(texts(it.log->search("lobby", "word", page.front().id, 3)) ==
        strings{"word 22", "word 23", "word 25"});
  CHECK(it.find("word", "lobby", 100).size() == 20);
  CHECK(it.find("word", "lobby", 3, 1).empty());
  CHECK(it.find("word 7", "den").empty());
  CHECK(it.find("word", "nowhere").empty());
  CHECK(it.find("word", "it's a \\ \"room\"").empty());
}

ON_BOTH_DATABASES("everything that is no letter or digit separates words") {
  searched_log it(db);
  const strings all{"foo-bar",
                    "x.example.com/path?a=1&b=2",
                    "ann@example.org",
                    "<b>bold</b>",
                    "snake_case",
                    "it's",
                    "1.5e3 -7 007",
                    "a\tb\nc",
                    "\xC2\xABquoted\xC2\xBB",
                    "dash\xE2\x80\x94"
                    "ed",
                    "\xF0\x9F\x98\x80smile"};
  it.store(all);
  for (const auto& each : {std::pair{"bar foo", 0},
                           {"example path", 1},
                           {"b 2", 1},
                           {"ann example", 2},
                           {"bold", 3},
                           {"snake", 4},
                           {"case", 4},
                           {"s it", 5},
                           {"5e3", 6},
                           {"7", 6},
                           {"007", 6},
                           {"c a b", 7},
                           {"quoted", 8},
                           {"ed dash", 9},
                           {"smile", 10}}) {
    const auto& words = each.first;
    CAPTURE(words);
    CHECK(it.find(words) == strings{all[std::size_t(each.second)]});
  }
  CHECK(it.find("foo-bar") == strings{"foo-bar"});
  CHECK(it.find("com/path") == strings{all[1]});
}

ON_BOTH_DATABASES("words of other scripts are found, whatever their case") {
  const strings all{"\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82 \xD0\xBC\xD0\xB8\xD1\x80",
                    "Gr\xC3\xBC\xC3\x9F"
                    "e",
                    "\xE6\x9D\xB1\xE4\xBA\xAC \xE3\x82\xBF\xE3\x83\xAF\xE3\x83\xBC",
                    "\xE0\xA4\xB9\xE0\xA4\xBF\xE0\xA4\xA8\xE0\xA5\x8D\xE0\xA4\xA6\xE0\xA5\x80"};
  searched_log it(db, all);
  CHECK(it.find("\xD0\x9C\xD0\x98\xD0\xA0 \xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82") ==
        strings{all[0]});
  CHECK(it.find("GR\xC3\x9C\xC3\x9F"
                "E") == strings{all[1]});
  CHECK(it.find("grusse").empty());
  CHECK(it.find("\xE6\x9D\xB1\xE4\xBA\xAC") == strings{all[2]});
  CHECK(it.find(all[3]) == strings{all[3]});
}

ON_BOTH_DATABASES("a search has no syntax") {
  using namespace std::literals;
  searched_log it(db, {"a b", "near text room r6c6f626279", "not or and"});
  for (const auto& text : {"a*"s,
                           "\"a\""s,
                           "\"a"s,
                           "a:b"s,
                           "text:a"s,
                           "a NEAR b"s,
                           "NEAR(a b, 2)"s,
                           "a OR z"s,
                           "NOT a"s,
                           "^a"s,
                           "-a"s,
                           "{text}:a"s,
                           "a & !b"s,
                           "a | z"s,
                           "a:*"s,
                           "'a'"s,
                           "a''b"s,
                           "(a"s,
                           "a)"s,
                           "a;drop table messages"s,
                           "\\"s,
                           "a\0b"s,
                           "%"s,
                           "_"s,
                           "$1"s,
                           ":words"s,
                           "?"s,
                           "a <-> b"s,
                           "room : \"r6c6f626279\""s}) {
    CAPTURE(text);
    for (const auto& row : it.log->search("lobby", text, no_end, 9)) { // all words, none special
      const auto has = split_words(row.text);
      for (auto word : split_words(text)) {
        std::transform(word.begin(), word.end(), word.begin(),
                       [](char c) { return char(std::tolower(c)); });
        CHECK(std::count(has.begin(), has.end(), word) > 0);
      }
    }
  }
  CHECK(it.find("a*") == strings{"a b"});
  CHECK(it.find("b:a") == strings{"a b"});
  CHECK(it.find("NEAR") == strings{"near text room r6c6f626279"});
  CHECK(it.find("not AND or") == strings{"not or and"});
  CHECK(it.find("a\0b"s) == strings{"a b"});
  CHECK(it.find("r6c6f626279", "den").empty());
}

ON_BOTH_DATABASES("rows before the index are found, however many they are") {
  strings many;
  for (int i = 0; i < 2500; ++i)
    many.push_back((i % 7 ? "odd " : "even ") + std::to_string(i));
  searched_log it(db, many);
  CHECK(it.find("even", "lobby", 3) == strings{"even 2499", "even 2492", "even 2485"});
  CHECK(it.find("even 0") == strings{"even 0"});
  CHECK(it.find("odd", "lobby", 3000).size() == 2142);
}

ON_BOTH_DATABASES("rows are found across the gap of ids that a fork leaves") {
  one_hub hub(db);
  hub.writes->open();
  const auto ids = hub.store({"word one", "word two", "word lost"});
  make_index(db);
  lose_rows(db, ids[1]);
  hub.writes->open();
  hub.store({"word three"});
  searched_log it(db);
  CHECK(it.find("word") == strings{"word three", "word two", "word one"});
  CHECK(it.find("one") == strings{"word one"});
  CHECK(it.find("lost").empty());
}

ON_BOTH_DATABASES("what an operator deletes or changes is no longer found as it was") {
  searched_log it(db, {"one word", "another word"});
  it.store({"last word"});
  db.sql("delete from messages where text = 'one word'");
  db.sql("update messages set text = 'fresh word' where text = 'last word'");
  db.sql("update messages set room = 'den' where text = 'another word'");
  CHECK(it.find("word") == strings{"fresh word"});
  CHECK(it.find("last").empty());
  CHECK(it.find("another", "den") == strings{"another word"});
}
