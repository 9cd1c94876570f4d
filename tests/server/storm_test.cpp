// A deploy: the hub closes all connections, and all clients come back, spread over time and without
// missing a message.
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

/// The largest number of clients, and the time to connect them. A machine that connects them more
/// slowly also closes them more slowly, and the hub's stop waits only some seconds.
constexpr std::size_t most = 10'000;
constexpr auto opening = 6s;

constexpr std::size_t a_second = 1'000; ///< How many clients return in a second, as the hub plans.

std::vector<std::int64_t> stored_ids(const database& db) {
  std::vector<std::int64_t> ids;
  for (auto& row : db.sql("select id from messages order by id"))
    ids.push_back(std::stoll(row[0]));
  return ids;
}

} // namespace

TEST_CASE_TEMPLATE(
    "thousands of clients return after a restart, spread over time, and miss nothing", database,
    sqlite, postgres) {
  database db;
  hub hub{db};
  crowd all{hub.port(), most, opening};
  const auto many = all.size();
  MESSAGE(many, " clients");
  auto said = [&, count = 0](std::size_t index) mutable {
    all.send_message(index, "message " + std::to_string(++count));
  };
  for (std::size_t i = 0; i < 10; ++i)
    said(i * many / 10);
  all.run_until("ten messages", patience, [&] { return all.seen(many - 1).size() == 10; });
  for (std::size_t i = 0; i < 5; ++i)
    said(i * many / 10); // the signal follows at once
  hub.server().signal(SIGTERM);
  const auto asked = crowd::clock::now();
  all.run_until("the end of the hub", patience,
                [&] { return all.inside() == 0 && !hub.server().running(); });
  const auto took = crowd::clock::now() - asked;
  record_measurement("a stop with thousands of clients", 10s, took);
  CHECK(hub.stop() == 0);
  CHECK(all.told == many);
  CHECK(all.dropped == 0);
  const auto before = stored_ids(db).size();
  CHECK(before >= 10);

  hub.start();
  std::size_t next = 0;
  all.run_until("all to be back", patience, [&] {
    if (all.inside() > next * many / 10 && all.is_inside(next)) // clients that are back send again
      said(next++);
    return all.inside() == many;
  });
  MESSAGE("the stop took ", std::chrono::duration<double>(took).count(), " s, ", all.refused,
          " had to try again, at most ", most_within(all.return_times, 1s), " came in a second, ",
          most_within(all.planned_returns, 1s), " were to, and ",
          most_within(all.planned_returns, 250ms), " in a quarter of one");
  CHECK(all.return_times.size() == many + all.refused);
  // The hub controls the planned times only; the real ones depend on the machine, too.
  CHECK(most_within(all.planned_returns, 1s) <= a_second * 3 / 2);
  CHECK(most_within(all.planned_returns, 250ms) <= a_second * 3 / 8);

  auto stored = stored_ids(db);
  all.run_until("what was said last to be stored", patience, [&] {
    stored = stored_ids(db);
    return stored.size() >= before + next;
  });
  all.run_until("everyone to have seen everything", patience, [&] {
    for (std::size_t index = 0; index < many; ++index)
      if (all.seen(index).size() < stored.size())
        return false;
    return true;
  });
  std::size_t differ = 0;
  for (std::size_t index = 0; index < many; ++index)
    differ += all.seen(index) != stored;
  CHECK(differ == 0);
}

TEST_SUITE_END();
