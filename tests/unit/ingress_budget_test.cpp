#include "actors/ingress_budget.hpp"

#include "tests/support/deadline.hpp"

#include <condition_variable>
#include <doctest/doctest.h>
#include <thread>

using namespace hubbub;

namespace {

/// What another thread does between two steps of the one that looks for room.
struct interleaved {
  std::function<void()> before = [] {}, after = [] {};
  void announces() const { before(); }
  void announced() const { after(); }
};

using budget_in_steps = basic_ingress_budget<interleaved>;

} // namespace

TEST_CASE(
    "a full ingress budget closes the door while the log is well, and opens it while it is away") {
  ingress_budget in(1000);
  ingress_quota all;
  in.log().set_available(true);
  CHECK(in.accepts(all));
  in.take(1000, all);
  CHECK_FALSE(in.accepts(all));
  in.log().set_available(false);
  CHECK(in.accepts(all));
}

TEST_CASE("while the log is well, an eighth of a large ingress budget is enough, and all of a "
          "small one") {
  for (const auto& [limit, enough] :
       {std::pair{32 << 20, 4 << 20}, {4 << 20, 1 << 20}, {800, 800}}) {
    ingress_budget in(limit);
    ingress_quota all;
    in.log().set_available(true);
    in.take(enough / 8 * 7 - 8, all);
    CHECK(in.accepts(all));
    in.take(8, all);
    CHECK_FALSE(in.accepts(all));
    in.log().set_available(false);
    CHECK(in.has_room(all) == (limit > enough));
  }
}

TEST_CASE("whoever takes all that it may leaves room to the next, and that one to a third") {
  ingress_budget in(8000);
  ingress_quota first, second, third;
  in.log().set_available(true);
  while (in.accepts(first))
    in.take(1, first);
  CHECK(first.used == 7000);
  while (in.accepts(second))
    in.take(1, second);
  CHECK(second.used == 875);
  CHECK(in.accepts(third));
  in.give(7000, first);
  CHECK(in.accepts(second));
}

TEST_CASE(
    "who waits is called once when something is given back, and when the log's state changes") {
  ingress_budget in(1000);
  ingress_quota one, other;
  in.log().set_available(true);
  int calls = 0;
  in.on_room([&] { ++calls; });
  in.take(900, one);
  in.give(1, one);
  CHECK(calls == 0); // nobody waits
  CHECK_FALSE(in.accepts(one));
  in.take(10, other);
  in.give(10, other);
  CHECK(calls == 1);
  in.give(400, one);
  CHECK(calls == 1);
  in.log().set_available(false);
  CHECK(calls == 2);
  in.log().set_available(false);
  CHECK(calls == 2);
}

TEST_CASE("a credit gives back once, to each its own, when its last copy is gone") {
  const auto in = std::make_shared<ingress_budget>(1000);
  const auto one = std::make_shared<ingress_quota>(), other = std::make_shared<ingress_quota>();
  in->take(600, *one);
  in->take(100, *other);
  auto credit = ingress_budget::credit(in, {{one, 600}, {other, 100}});
  auto copy = credit;
  credit.reset();
  CHECK(in->used() == 700);
  copy.reset();
  CHECK(in->used() == 0);
  CHECK(one->used == 0);
  CHECK(other->used == 0);
}

TEST_CASE("room that comes before anybody knows who waits is seen by the one who looks for it") {
  ingress_quota all;
  budget_in_steps* self = nullptr;
  budget_in_steps in(1000, {.before = [&] { self->give(1000, all); }});
  self = &in;
  int calls = 0;
  in.on_room([&] { ++calls; });
  in.log().set_available(true);
  calls = 0;
  in.take(1000, all);
  CHECK(in.accepts(all));
  CHECK(calls == 0); // so the one who looks is the last who can see it
}

TEST_CASE("room that comes once it is known that somebody waits is told to the one who waits") {
  ingress_quota all;
  budget_in_steps* self = nullptr;
  budget_in_steps in(1000, {.after = [&] { self->give(1000, all); }});
  self = &in;
  int calls = 0;
  in.on_room([&] { ++calls; });
  in.log().set_available(true);
  calls = 0;
  in.take(1000, all);
  in.accepts(all);
  CHECK(calls == 1);
}

TEST_CASE("a log that goes away between the steps calls those who wait") {
  ingress_quota all;
  budget_in_steps* self = nullptr;
  int calls = 0;
  const auto goes_away = [&] { self->log().set_available(false); };
  for (const auto& seam : {interleaved{.before = goes_away}, interleaved{.after = goes_away}}) {
    budget_in_steps in(1000, seam);
    self = &in;
    in.on_room([&] { ++calls; });
    in.log().set_available(true);
    calls = 0;
    all.used = 0;
    in.take(1000, all);
    in.accepts(all);
    CHECK(calls == 1);
    CHECK(in.accepts(all));
  }
}

TEST_CASE("whoever waits is called, however two threads meet") {
  ingress_budget in(1000);
  ingress_quota all;
  std::mutex mutex;
  std::condition_variable called;
  int calls = 0;
  in.on_room([&] {
    const std::lock_guard guard(mutex);
    ++calls;
    called.notify_all();
  });
  in.log().set_available(true);
  std::atomic<int> turn = 0;
  constexpr int turns = 20'000;
  std::thread giver([&] {
    for (int i = 1; i <= turns; ++i) {
      while (turn.load() != i)
        std::this_thread::yield();
      in.give(1000, all);
    }
  });
  bool well = true;
  for (int i = 1; i <= turns; ++i) {
    in.take(1000, all);
    turn = i; // the room comes while this thread looks for it
    while (well && !in.accepts(all)) {
      std::unique_lock lock(mutex);
      well = called.wait_for(lock, test::patience, [&] { return calls > 0; });
      calls = 0;
    }
  }
  CHECK(well);
  giver.join();
}
