#include "net/access/places.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace hubbub;

namespace {

account_ptr somebody(std::size_t at_door = SIZE_MAX) {
  return std::make_shared<account>(address_limits{.at_door = at_door}, account::clock::now());
}

std::shared_ptr<places> house(std::size_t sockets) {
  return std::make_shared<places>(places::limits{.sockets = sockets});
}

/// One that is in, and what became of it.
struct visit {
  std::shared_ptr<places::guest> place;
  bool left = false;

  visit(const std::shared_ptr<places>& to, const account_ptr& who) : place(places::come(to, who)) {}
  visit(const visit&) = delete;
  void rest() {
    place->rest([this] { left = true; });
  }
};

} // namespace

TEST_CASE("who rests for the longest time gives way when all places are taken") {
  const auto all = house(3);
  const auto who = somebody();
  visit busy(all, who), first(all, who), second(all, who);
  REQUIRE(second.place);
  CHECK_FALSE(places::come(all, who));
  first.rest();
  second.rest();
  visit third(all, who);
  CHECK(third.place);
  CHECK(first.left);
  CHECK_FALSE(second.left);
  CHECK_FALSE(first.place->wake());
  visit fourth(all, who);
  CHECK(fourth.place);
  CHECK(second.left);
  CHECK_FALSE(places::come(all, who));
  first.place.reset(); // whose place is somebody else's
  CHECK_FALSE(places::come(all, who));
  busy.place.reset();
  CHECK(places::come(all, who));
}

TEST_CASE("who wakes keeps the place, and may rest again") {
  const auto all = house(1);
  const auto who = somebody();
  visit one(all, who);
  for (int i = 0; i < 3; ++i) {
    one.rest();
    CHECK(one.place->wake());
    CHECK_FALSE(places::come(all, who));
  }
  CHECK_FALSE(all->give_way());
  one.rest();
  one.place.reset();
  CHECK_FALSE(all->give_way());
  CHECK(places::come(all, who));
}

TEST_CASE("where an address has all its places at the door, its own give way") {
  const auto all = house(100);
  const auto few = somebody(2), other = somebody();
  visit stranger(all, other), one(all, few), two(all, few);
  stranger.rest();
  CHECK_FALSE(places::come(all, few));
  two.rest();
  CHECK(places::come(all, few));
  CHECK(two.left);
  CHECK_FALSE(stranger.left);
  two.place.reset();
  CHECK(few->at_door == 1);
  one.place.reset();
  CHECK(few->at_door == 0);
}

TEST_CASE("who has entered is at the door no more") {
  const auto all = house(2);
  const auto who = somebody();
  visit one(all, who);
  one.rest();
  REQUIRE(one.place->wake());
  CHECK_FALSE(one.place->enter(who));
  CHECK(all->taken() == 1);
  CHECK_FALSE(all->give_way());
  one.place.reset();
  CHECK(all->taken() == 0);
  CHECK(who->at_door == 0);
  CHECK(who->connections == 0);
}
