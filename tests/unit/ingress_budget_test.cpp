#include "actors/ingress_budget.hpp"

#include "tests/support/deadline.hpp"

#include <condition_variable>
#include <doctest/doctest.h>
#include <thread>

using namespace hubbub;

namespace {

/// Runs what another thread might do between two steps of `accepts`.
struct interleaved {
  std::function<void()> before = [] {}, after = [] {};
  void announces() const { before(); }
  void announced() const { after(); }
};

/// A budget whose bytes are all used, with the log available. `before` and `after` run between the
/// steps of `accepts`, before and after it announces the wait.
struct full_budget {
  using step = void (*)(full_budget&);

  full_budget(step before, step after)
      : budget(1000, {[this, before] { before(*this); }, [this, after] { after(*this); }}) {
    budget.log().set_available(true);
    budget.on_space([this] { ++calls; });
    budget.take(1000, quota);
  }
  full_budget(const full_budget&) = delete;

  bool accepts() { return budget.accepts(quota); }

  ingress_quota quota;
  int calls = 0; ///< Of the callback.
  basic_ingress_budget<interleaved> budget;
};

void nothing(full_budget&) {}
void release(full_budget& all) {
  all.budget.give(1000, all.quota);
}
void make_log_unavailable(full_budget& all) {
  all.budget.log().set_available(false);
}

} // namespace

TEST_CASE("a full ingress budget makes sessions wait while the log is available, and lets them "
          "read while it is unavailable") {
  ingress_budget in(1000);
  ingress_quota all;
  in.log().set_available(true);
  CHECK(in.accepts(all));
  in.take(1000, all);
  CHECK_FALSE(in.accepts(all));
  in.log().set_available(false);
  CHECK(in.accepts(all));
}

TEST_CASE(
    "while the log is available the bound is an eighth of a large budget, and all of a small one") {
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
    CHECK(in.has_space(all) == (limit > enough));
  }
}

TEST_CASE("a quota that is full leaves room for a second one, and that one for a third") {
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

TEST_CASE("the callbacks are called once per wait, and when the state of the log changes") {
  ingress_budget in(1000);
  ingress_quota one, other;
  in.log().set_available(true);
  int calls = 0;
  in.on_space([&] { ++calls; });
  in.take(900, one);
  in.give(1, one);
  CHECK(calls == 0); // no wait was announced
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

TEST_CASE("a credit gives back once, to each quota its own, when its last copy is destroyed") {
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

TEST_CASE("a release before the wait is announced is seen by the caller of accepts") {
  full_budget all(release, nothing);
  CHECK(all.accepts());
  CHECK(all.calls == 0); // so only `accepts` itself can see the release
}

TEST_CASE("a release after the wait is announced calls the callbacks") {
  full_budget all(nothing, release);
  all.accepts();
  CHECK(all.calls == 1);
}

TEST_CASE("a log that becomes unavailable between the steps calls the callbacks") {
  for (const auto& [before, after] :
       {std::pair{&make_log_unavailable, &nothing}, {&nothing, &make_log_unavailable}}) {
    full_budget all(before, after);
    all.accepts();
    CHECK(all.calls == 1);
    CHECK(all.accepts());
  }
}

TEST_CASE("a waiter is always woken, however two threads interleave") {
  ingress_budget in(1000);
  ingress_quota all;
  std::mutex mutex;
  std::condition_variable called;
  int calls = 0;
  in.on_space([&] {
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
  bool woken = true;
  for (int i = 1; i <= turns; ++i) {
    in.take(1000, all);
    turn = i; // the release races with `accepts` below
    while (woken && !in.accepts(all)) {
      std::unique_lock lock(mutex);
      woken = called.wait_for(lock, test::patience, [&] { return calls > 0; });
      calls = 0;
    }
  }
  CHECK(woken);
  giver.join();
}
