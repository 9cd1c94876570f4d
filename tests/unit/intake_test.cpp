#include "actors/intake.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_CASE(
    "a full intake closes the door while the log is well, and opens it while the log is away") {
  intake in(1000);
  in.log_well(true);
  CHECK(in.open());
  in.take(1000);
  CHECK_FALSE(in.open());
  in.log_well(false);
  CHECK(in.open());
}

TEST_CASE("who waits is called when half of it is free again, and when the log's state changes") {
  intake in(1000);
  in.log_well(true);
  int calls = 0;
  in.on_room([&] { ++calls; });
  in.take(1000);
  in.give(400);
  CHECK(calls == 0);
  in.give(200);
  CHECK(calls == 1);
  in.log_well(false);
  CHECK(calls == 2);
  in.log_well(false);
  CHECK(calls == 2);
}

TEST_CASE("a credit gives back once, when its last copy is gone") {
  const auto in = std::make_shared<intake>(1000);
  in->take(600);
  auto one = intake::credit(in, 600);
  auto two = one;
  one.reset();
  CHECK(in->used() == 600);
  two.reset();
  CHECK(in->used() == 0);
}
