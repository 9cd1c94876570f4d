// A deploy: everyone is sent away, and everyone comes back. No storm, and nothing missed.
#include "tests/support/crowd.hpp"
#include "tests/support/measurements.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <csignal>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("storm");

namespace {

/// At most so many, and no more than come in that time: whoever opens so slowly is as slow to say
/// goodbye, and has some seconds for all.
constexpr std::size_t most = 10'000;
constexpr auto opening = 6s;

constexpr std::size_t a_second = 1'000; ///< How many the hub lets come back.

std::vector<std::int64_t> stored_ids(const database& db) {
  std::vector<std::int64_t> ids;
  for (auto& row : db.sql("select id from messages order by id"))
    ids.push_back(std::stoll(row[0]));
  return ids;
}

} // namespace

TEST_CASE_TEMPLATE("thousands come back from a restart as they are told, one after another, and "
                   "miss nothing",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  crowd all{hub.port(), most, opening};
  const auto many = all.size();
  MESSAGE(many, " clients");
  auto said = [&, count = 0](std::size_t who) mutable {
    all.say(who, "message " + std::to_string(++count));
  };
  for (std::size_t i = 0; i < 10; ++i)
    said(i * many / 10);
  all.live("ten messages", patience, [&] { return all.seen(many - 1).size() == 10; });
  for (std::size_t i = 0; i < 5; ++i)
    said(i * many / 10); // and at once:
  hub.server().signal(SIGTERM);
  const auto asked = crowd::clock::now();
  all.live("the end of the hub", patience,
           [&] { return all.inside() == 0 && !hub.server().running(); });
  const auto took = crowd::clock::now() - asked;
  record_measurement("a stop with thousands of clients", 10s, took);
  CHECK(hub.stop() == 0);
  CHECK(all.told == many);
  CHECK(all.cut == 0);
  const auto before = stored_ids(db).size();
  CHECK(before >= 10);

  hub.start();
  std::size_t next = 0;
  all.live("all to be back", patience, [&] {
    if (all.inside() > next * many / 10 && all.is_inside(next)) // those who are back talk on
      said(next++);
    return all.inside() == many;
  });
  MESSAGE("the stop took ", std::chrono::duration<double>(took).count(), " s, ", all.refused,
          " had to try again, at most ", busiest(all.returns, 1s), " came in a second, ",
          busiest(all.planned, 1s), " were to, and ", busiest(all.planned, 250ms),
          " in a quarter of one");
  CHECK(all.returns.size() == many + all.refused);
  CHECK(busiest(all.planned, 1s) <= a_second * 3 / 2); // when they come is the machine's doing, too
  CHECK(busiest(all.planned, 250ms) <= a_second * 3 / 8);

  auto stored = stored_ids(db);
  all.live("what was said last to be stored", patience, [&] {
    stored = stored_ids(db);
    return stored.size() >= before + next;
  });
  all.live("everyone to have seen everything", patience, [&] {
    for (std::size_t who = 0; who < many; ++who)
      if (all.seen(who).size() < stored.size())
        return false;
    return true;
  });
  std::size_t differ = 0;
  for (std::size_t who = 0; who < many; ++who)
    differ += all.seen(who) != stored;
  CHECK(differ == 0);
}

TEST_SUITE_END();
