#include "actors/intake.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_CASE("a full intake closes the door while the log is well, and opens it while it is away") {
  intake in(1000);
  source all;
  in.log_well(true);
  CHECK(in.open(all));
  in.take(1000, all);
  CHECK_FALSE(in.open(all));
  in.log_well(false);
  CHECK(in.open(all));
}

TEST_CASE("while the log is well, an eighth of a large intake is enough, and all of a small one") {
  for (const auto& [limit, enough] :
       {std::pair{32 << 20, 4 << 20}, {4 << 20, 1 << 20}, {800, 800}}) {
    intake in(limit);
    source all;
    in.log_well(true);
    in.take(enough / 8 * 7 - 8, all);
    CHECK(in.open(all));
    in.take(8, all);
    CHECK_FALSE(in.open(all));
    in.log_well(false);
    CHECK(in.has_room(all) == (limit > enough));
  }
}

TEST_CASE("whoever takes all that it may leaves room to the next, and that one to a third") {
  intake in(8000);
  source first, second, third;
  in.log_well(true);
  while (in.open(first))
    in.take(1, first);
  CHECK(first.used == 7000);
  while (in.open(second))
    in.take(1, second);
  CHECK(second.used == 875);
  CHECK(in.open(third));
  in.give(7000, first);
  CHECK(in.open(second));
}

TEST_CASE(
    "who waits is called once when something is given back, and when the log's state changes") {
  intake in(1000);
  source one, other;
  in.log_well(true);
  int calls = 0;
  in.on_room([&] { ++calls; });
  in.take(900, one);
  in.give(1, one);
  CHECK(calls == 0); // nobody waits
  CHECK_FALSE(in.open(one));
  in.take(10, other);
  in.give(10, other);
  CHECK(calls == 1);
  in.give(400, one);
  CHECK(calls == 1);
  in.log_well(false);
  CHECK(calls == 2);
  in.log_well(false);
  CHECK(calls == 2);
}

TEST_CASE("a credit gives back once, to each its own, when its last copy is gone") {
  const auto in = std::make_shared<intake>(1000);
  const auto one = std::make_shared<source>(), other = std::make_shared<source>();
  in->take(600, *one);
  in->take(100, *other);
  auto credit = intake::credit(in, {{one, 600}, {other, 100}});
  auto copy = credit;
  credit.reset();
  CHECK(in->used() == 700);
  copy.reset();
  CHECK(in->used() == 0);
  CHECK(one->used == 0);
  CHECK(other->used == 0);
}
