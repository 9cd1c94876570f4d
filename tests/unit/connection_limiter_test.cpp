#include "net/access/connection_limiter.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

using namespace hubbub;

namespace {

client_quota_ptr quota_of(std::size_t pending = SIZE_MAX) {
  return std::make_shared<client_quota>(address_limits{.pending = pending},
                                        client_quota::clock::now());
}

std::shared_ptr<connection_limiter> limiter_of(std::size_t sockets) {
  return std::make_shared<connection_limiter>(connection_limiter::limits{.sockets = sockets});
}

/// A connection with a slot, and whether it had to give way.
struct slot_holder {
  std::shared_ptr<connection_limiter::slot> slot;
  bool gave_way = false;

  slot_holder(const std::shared_ptr<connection_limiter>& to, const client_quota_ptr& quota)
      : slot(connection_limiter::acquire(to, quota)) {}
  slot_holder(const slot_holder&) = delete;
  void rest() {
    slot->set_idle([this] { gave_way = true; });
  }
};

} // namespace

TEST_CASE("the connection that idles longest gives way when all slots are taken") {
  const auto all = limiter_of(3);
  const auto quota = quota_of();
  slot_holder busy(all, quota), first(all, quota), second(all, quota);
  REQUIRE(second.slot);
  CHECK_FALSE(connection_limiter::acquire(all, quota));
  first.rest();
  second.rest();
  slot_holder third(all, quota);
  CHECK(third.slot);
  CHECK(first.gave_way);
  CHECK_FALSE(second.gave_way);
  CHECK_FALSE(first.slot->set_active());
  slot_holder fourth(all, quota);
  CHECK(fourth.slot);
  CHECK(second.gave_way);
  CHECK_FALSE(connection_limiter::acquire(all, quota));
  first.slot.reset(); // its slot was given to another connection already
  CHECK_FALSE(connection_limiter::acquire(all, quota));
  busy.slot.reset();
  CHECK(connection_limiter::acquire(all, quota));
}

TEST_CASE("a connection that wakes keeps its slot, and may idle again") {
  const auto all = limiter_of(1);
  const auto quota = quota_of();
  slot_holder one(all, quota);
  for (int i = 0; i < 3; ++i) {
    one.rest();
    CHECK(one.slot->set_active());
    CHECK_FALSE(connection_limiter::acquire(all, quota));
  }
  CHECK_FALSE(all->evict_idle());
  one.rest();
  one.slot.reset();
  CHECK_FALSE(all->evict_idle());
  CHECK(connection_limiter::acquire(all, quota));
}

TEST_CASE("when an address has all its pending slots taken, one of its own gives way") {
  const auto all = limiter_of(100);
  const auto few = quota_of(2), other = quota_of();
  slot_holder stranger(all, other), one(all, few), two(all, few);
  stranger.rest();
  CHECK_FALSE(connection_limiter::acquire(all, few));
  two.rest();
  CHECK(connection_limiter::acquire(all, few));
  CHECK(two.gave_way);
  CHECK_FALSE(stranger.gave_way);
  two.slot.reset();
  CHECK(few->pending == 1);
  one.slot.reset();
  CHECK(few->pending == 0);
}

TEST_CASE("a connection that was admitted is not pending any more") {
  const auto all = limiter_of(2);
  const auto quota = quota_of();
  slot_holder one(all, quota);
  one.rest();
  REQUIRE(one.slot->set_active());
  CHECK_FALSE(one.slot->admit_websocket(quota));
  CHECK(all->websockets() == 1);
  CHECK_FALSE(all->evict_idle());
  one.slot.reset();
  CHECK(all->websockets() == 0);
  CHECK(quota->pending == 0);
  CHECK(quota->connections == 0);
}

TEST_CASE("large heads and bodies share a sixteenth of the memory limit") {
  constexpr std::size_t kib = 1024;
  const auto all = std::make_shared<connection_limiter>(
      connection_limiter::limits{.memory = std::make_shared<memory_budget>(16 * 64 * kib)});
  using slot = connection_limiter::buffer_slot;
  std::optional<slot> head(std::in_place, all, 32 * kib);
  const slot body(all, 16 * kib), another_body(all, 16 * kib);
  CHECK(bool(*head));
  CHECK(bool(body));
  CHECK(bool(another_body));
  CHECK_FALSE(bool(slot(all, 1)));
  head.reset();
  CHECK(bool(slot(all, 32 * kib)));
  CHECK_FALSE(bool(slot(all, 33 * kib)));
  const auto unlimited = std::make_shared<connection_limiter>(connection_limiter::limits{});
  CHECK(bool(slot(unlimited, std::size_t(1) << 40)));
}
