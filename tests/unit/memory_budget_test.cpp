// The levels, shares and gauges of the memory budget.
#include "actors/memory_budget.hpp"
#include "actors/tail.hpp"
#include "net/ops/memory_monitor.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_CASE("the level rises at 70, 80 and 90 % of the limit and falls a little later") {
  const auto level = [](std::size_t resident, pressure before) {
    return pressure_of(resident, 1000, before);
  };
  CHECK(level(700, pressure::calm) == pressure::calm);
  CHECK(level(701, pressure::calm) == pressure::shed);
  CHECK(level(801, pressure::calm) == pressure::tight);
  CHECK(level(901, pressure::shed) == pressure::full);
  CHECK(level(860, pressure::full) == pressure::full);
  CHECK(level(850, pressure::full) == pressure::tight);
  CHECK(level(660, pressure::full) == pressure::shed);
  CHECK(level(650, pressure::shed) == pressure::calm);
}

TEST_CASE(
    "a share is a part of the limit, and the usual amount where the limit is large or absent") {
  CHECK(memory_budget(0).share(100, 10) == 100);
  CHECK(memory_budget(500).share(100, 10) == 50);
  CHECK(memory_budget(5000).share(100, 10) == 100);
  CHECK(memory_budget(50).share(100, 10, 20) == 20);
}

TEST_CASE("bytes that were read for one reader count until their last copy is destroyed") {
  const auto budget = std::make_shared<memory_budget>(1000);
  auto bytes = count_history_bytes(budget, std::string(100, 'x'));
  CHECK(budget->history >= 100);
  auto again = bytes;
  bytes.reset();
  CHECK(budget->history >= 100);
  again.reset();
  CHECK(budget->history == 0);
}

TEST_CASE("a tail counts its bytes, shrinks to its history, and counts none after its end") {
  memory_budget budget;
  {
    tail t(0, 1 << 20, &budget.tails);
    for (row_id id = 1; id <= 200; ++id) {
      message row;
      row.id = id;
      row.text = std::string(100, 'x');
      const auto* one = &row;
      t.append(encode({&one, 1}, 1));
    }
    const auto all = budget.tails.load();
    CHECK(all > 200 * 100);
    t.fit(0);
    CHECK(t.floor() == 150);
    CHECK(budget.tails < all / 3);
    CHECK(budget.tails > 50 * 100);
    const auto without = budget.tails.load();
    const auto newest = t.newest();
    CHECK(std::int64_t(newest->size()) == budget.tails - without);
  }
  CHECK(budget.tails == 0);
}
