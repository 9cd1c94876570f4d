// Rooms and their presence.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <cctype>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("room");

TEST_CASE("a message reaches only its room") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=garden"}, bob{hub}, carol{hub, "?room=garden"};
  CHECK(alice.init["room"] == "garden");
  alice.say("in the garden");
  bob.say("in the lobby");
  CHECK(carol.hears()["text"] == "in the garden");
  CHECK(bob.hears()["text"] == "in the lobby");
  CHECK(each<std::string>(visitor{hub, "?room=garden"}.init["history"], "text") ==
        std::vector<std::string>{"in the garden"});
  CHECK(each<std::string>(visitor{hub}.init["history"], "text") ==
        std::vector<std::string>{"in the lobby"});
}

TEST_CASE("equivalent Unicode forms of a name are one room") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=caf%C3%A9"}, bob{hub, "?room=cafe%CC%81"};
  CHECK(bob.init["room"] == "caf\xC3\xA9");
  bob.say("hello");
  CHECK(alice.hears()["text"] == "hello");
  CHECK(bob.hears()["text"] == "hello");
  CHECK(fetch(hub.port(), "/messages?room=cafe%CC%81").json()["messages"].size() == 1);
}

TEST_CASE("a log's name in capitals is the same log") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("first");
  const auto id = alice.hears()["id"].get<int>();
  alice.say("second");
  alice.hears();
  auto log = alice.init["log"].get<std::string>();
  std::transform(log.begin(), log.end(), log.begin(), [](char c) { return char(std::toupper(c)); });
  visitor back{hub, "?after=" + std::to_string(id) + "&log=" + log};
  CHECK(back.init["resumed"] == true);
  CHECK(back.hears()["text"] == "second");
}

TEST_CASE("clients of a room get the number of its clients") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  visitor elsewhere{hub, "?room=garden"};
  {
    visitor bob{hub};
    while (alice.presence() != 2) {
    }
  }
  while (alice.presence() != 1) {
  }
}

TEST_CASE("presence is sent at most once a second, and only after a change") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  std::vector<int> counts;
  std::vector<visitor> crowd;
  auto begin = deadline::clock::now();
  for (int i = 0; i < 20; ++i)
    crowd.emplace_back(hub);
  do
    counts.push_back(alice.presence());
  while (counts.back() != 21);
  auto seconds = std::chrono::duration<double>(deadline::clock::now() - begin).count();
  CHECK(static_cast<double>(counts.size()) <= seconds + 2);
  CHECK_FALSE(alice.has_next(1500ms));
}

TEST_SUITE_END();
