#include "net/access/connection_limiter.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace hubbub;

namespace {

client_quota_ptr somebody(std::size_t pending = SIZE_MAX) {
  return std::make_shared<client_quota>(address_limits{.pending = pending},
                                        client_quota::clock::now());
}

std::shared_ptr<connection_limiter> house(std::size_t sockets) {
  return std::make_shared<connection_limiter>(connection_limiter::limits{.sockets = sockets});
}

/// One that is in, and what became of it.
struct visit {
  std::shared_ptr<connection_limiter::slot> place;
  bool left = false;

  visit(const std::shared_ptr<connection_limiter>& to, const client_quota_ptr& who)
      : place(connection_limiter::acquire(to, who)) {}
  visit(const visit&) = delete;
  void rest() {
    place->set_idle([this] { left = true; });
  }
};

} // namespace

TEST_CASE("who rests for the longest time gives way when all places are taken") {
  const auto all = house(3);
  const auto who = somebody();
  visit busy(all, who), first(all, who), second(all, who);
  REQUIRE(second.place);
  CHECK_FALSE(connection_limiter::acquire(all, who));
  first.rest();
  second.rest();
  visit third(all, who);
  CHECK(third.place);
  CHECK(first.left);
  CHECK_FALSE(second.left);
  CHECK_FALSE(first.place->set_active());
  visit fourth(all, who);
  CHECK(fourth.place);
  CHECK(second.left);
  CHECK_FALSE(connection_limiter::acquire(all, who));
  first.place.reset(); // whose place is somebody else's
  CHECK_FALSE(connection_limiter::acquire(all, who));
  busy.place.reset();
  CHECK(connection_limiter::acquire(all, who));
}

TEST_CASE("who wakes keeps the place, and may rest again") {
  const auto all = house(1);
  const auto who = somebody();
  visit one(all, who);
  for (int i = 0; i < 3; ++i) {
    one.rest();
    CHECK(one.place->set_active());
    CHECK_FALSE(connection_limiter::acquire(all, who));
  }
  CHECK_FALSE(all->evict_idle());
  one.rest();
  one.place.reset();
  CHECK_FALSE(all->evict_idle());
  CHECK(connection_limiter::acquire(all, who));
}

TEST_CASE("where an address has all its places at the door, its own give way") {
  const auto all = house(100);
  const auto few = somebody(2), other = somebody();
  visit stranger(all, other), one(all, few), two(all, few);
  stranger.rest();
  CHECK_FALSE(connection_limiter::acquire(all, few));
  two.rest();
  CHECK(connection_limiter::acquire(all, few));
  CHECK(two.left);
  CHECK_FALSE(stranger.left);
  two.place.reset();
  CHECK(few->pending == 1);
  one.place.reset();
  CHECK(few->pending == 0);
}

TEST_CASE("who has entered is at the door no more") {
  const auto all = house(2);
  const auto who = somebody();
  visit one(all, who);
  one.rest();
  REQUIRE(one.place->set_active());
  CHECK_FALSE(one.place->admit_websocket(who));
  CHECK(all->websockets() == 1);
  CHECK_FALSE(all->evict_idle());
  one.place.reset();
  CHECK(all->websockets() == 0);
  CHECK(who->pending == 0);
  CHECK(who->connections == 0);
}
