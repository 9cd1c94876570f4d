// Random clients with many rooms on one connection. Each subscription is held against what a
// connection with that one room alone would have received; the truth is the table at the end.
#include "tests/server/rooms_driver.hpp"
#include "tests/server/rooms_judge.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("rooms model");

namespace {

/// The seed of the environment variable HUBBUB_SEED, or a new one.
std::uint64_t choose_seed() {
  if (const auto given = variable("HUBBUB_SEED"))
    return std::stoull(*given);
  return std::random_device{}();
}

void check_rooms(const database& db, std::vector<hub*> hubs) {
  const auto seed = choose_seed();
  INFO("HUBBUB_SEED=" << seed);
  rooms_driver driver{hubs, seed};
  driver.fill({"room-0", "room-5", "room-9"}, 1500);
  driver.restart_hub();
  for (int round = 0; round < 3; ++round) {
    driver.act(900);
    driver.restart_hub();
  }
  driver.act(300);
  driver.finish(db);
  for (const auto& broken : judge(driver.records(), read_messages(db)))
    FAIL_CHECK(broken);
  // A run in which these did not happen has tested nothing.
  for (const auto* what : {"stalls", "much was read after a stall", "resumed", "missed too much",
                           "histories", "left before the answer", "messages sent again"}) {
    CAPTURE(what);
    CHECK(driver.counts().contains(what));
  }
}

} // namespace

TEST_CASE("with two hubs, each of many rooms is read as by a connection of its own") {
  postgres db;
  hub one{db, rooms_driver::hub_settings()}, two{db, rooms_driver::hub_settings()};
  check_rooms(db, {&one, &two});
}

TEST_CASE("with a file, each of many rooms is read as by a connection of its own") {
  sqlite db;
  hub one{db, rooms_driver::hub_settings()};
  check_rooms(db, {&one});
}

TEST_SUITE_END();
