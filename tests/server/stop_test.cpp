// The end of a hub. An orderly stop stores what the hub has accepted and closes every connection. A
// kill loses nothing that a client has seen.
#include "tests/support/measurements.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <set>

using namespace test;

TEST_SUITE_BEGIN("stop");

namespace {

/// The texts that a client still receives, and how its connection ends.
std::pair<std::vector<std::string>, close_info> read_to_close(visitor& someone) {
  std::vector<std::string> texts;
  try {
    for (;;)
      if (auto frame = someone.next(); frame["type"] == "message")
        texts.push_back(frame["text"]);
  } catch (const closed& end) {
    return {texts, end.how};
  }
}

std::vector<std::string> stored_texts(const database& db) {
  std::vector<std::string> texts;
  for (auto& row : db.sql("select text from messages order by id"))
    texts.push_back(row[0]);
  return texts;
}

} // namespace

TEST_CASE_TEMPLATE("an orderly stop stores accepted messages and closes with a time to return",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  std::vector<visitor> crowd;
  for (int i = 0; i < 20; ++i)
    crowd.emplace_back(hub);
  int signal = SIGTERM;
  SUBCASE("SIGTERM") {
    signal = SIGTERM;
  }
  SUBCASE("SIGINT") {
    signal = SIGINT;
  }
  crowd[0].say_all(numbered("message", 500));
  crowd[0].hears();
  hub.server().signal(signal);

  std::vector<std::string> heard_by_all;
  for (auto& someone : crowd) {
    auto [texts, end] = read_to_close(someone);
    CHECK(end.code == 1012);
    CHECK(end.reason.starts_with("retry_after_ms="));
    CHECK(end.reason.find_first_not_of("0123456789", 15) == std::string::npos);
    CHECK(end.reason.size() > 15);
    if (&someone == &crowd[0])
      texts.insert(texts.begin(), "message 1");
    if (heard_by_all.empty())
      heard_by_all = texts;
    CHECK(texts == heard_by_all);
  }
  CHECK(hub.stop(signal) == 0);
  CHECK(stored_texts(db) == heard_by_all);
}

TEST_CASE("a stop spreads the times at which clients are to return") {
  sqlite db;
  hub hub{db};
  std::vector<visitor> crowd;
  for (int i = 0; i < 20; ++i)
    crowd.emplace_back(hub);
  hub.server().signal(SIGTERM);
  std::set<std::string> reasons;
  for (auto& someone : crowd)
    reasons.insert(someone.next_close().reason);
  CHECK(reasons.size() > 1);
}

TEST_CASE("SIGHUP of a closed terminal is an orderly stop") {
  sqlite db;
  hub hub{db};
  ws_client alice{hub.port()};
  CHECK(hub.stop(SIGHUP) == 0);
  CHECK(alice.next_close().code == 1012);
}

TEST_CASE("a stop does not wait for clients that do not answer") {
  sqlite db;
  hub hub{db};
  visitor silent{hub}, deaf{hub, "", {.receive_buffer = 2048}}, talker{hub};
  connection idle{hub.port()}, half{hub.port()};
  half.send("GET / HT");
  auto texts = std::vector<std::string>(500, std::string(1000, 'x'));
  talker.say_all(texts);
  talker.hears_texts(texts.size());
  CHECK(hub.stop() == 0);
}

TEST_CASE("a stop does not wait for a database that hangs") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  postgres::cluster().pause();
  alice.say("into the void");
  hub.stop();
}

TEST_CASE("a hub that has stopped accepts no connection") {
  sqlite db;
  hub hub{db};
  CHECK(hub.stop() == 0);
  CHECK_THROWS(ws_client{hub.port()});
}

TEST_CASE_TEMPLATE("a message that a client has seen survives a kill", database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  alice.say_all(numbered("message", 2000));
  auto seen = bob.hears_texts(300);
  hub.kill();
  try {
    for (;;)
      seen.push_back(bob.hears()["text"]);
  } catch (const closed&) {
  }
  hub.start();
  visitor carol{hub};
  auto stored = stored_texts(db);
  REQUIRE(stored.size() >= seen.size());
  stored.resize(seen.size());
  CHECK(stored == seen);
}

TEST_CASE("a port in use ends the start with a clear message") {
  sqlite db, other;
  hub hub{db};
  auto second = run(hub_command({{"DATABASE_URL", other.url()},
                                 {"HOST", "127.0.0.1"},
                                 {"PORT", std::to_string(hub.port())}}));
  CHECK(second.code != 0);
  CHECK(second.code < 128);
  auto told = second.err + second.out;
  CHECK(told.find(std::to_string(hub.port())) != std::string::npos);
  CHECK(told.find("in use") != std::string::npos);
  CHECK(visitor{hub}.init["type"] == "init");
}

TEST_CASE("a hub without clients stops at once") {
  // With clients, a stop takes a second longer. Even on a busy machine that difference shows,
  // unless one of the two measurements was disturbed.
  const auto time_to_stop = [](bool visited) {
    sqlite db;
    hub hub{db};
    std::optional<visitor> alice;
    if (visited)
      alice.emplace(hub);
    else
      eventually("/health to answer 200",
                 [&] { return fetch(hub.port(), "/health").status == 200; });
    const auto began = deadline::clock::now();
    CHECK(hub.stop() == 0);
    return deadline::clock::now() - began;
  };
  bool at_once = false;
  for (int tries = 0; !at_once && tries < 5; ++tries) {
    const auto alone = time_to_stop(false);
    at_once = alone + 500ms < time_to_stop(true);
    record_measurement("a stop without clients", 900ms, alone);
  }
  CHECK(at_once);
}

TEST_SUITE_END();
