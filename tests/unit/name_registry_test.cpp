// The names of a hub's connections by room.
#include "actors/name_registry.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace hubbub;

TEST_SUITE_BEGIN("name registry");

namespace {

using names = std::vector<std::string_view>;

name_bearer bearer(const std::string& name, const std::string& person) {
  return {skeletons_of(name), person};
}

} // namespace

TEST_CASE("a name belongs to one person in a room, with any number of connections") {
  name_registry all;
  const names den{"den"}, lobby{"lobby"}, both{"lobby", "den"};
  const auto ann = bearer("Ann", "1"), other = bearer("ANN", "2"), bob = bearer("Bob", "2");
  CHECK(all.rename(nullptr, ann, den));
  CHECK(all.rename(nullptr, ann, both));
  CHECK_FALSE(all.rename(nullptr, other, den));
  CHECK_FALSE(all.rename(nullptr, other, both));
  CHECK(all.rename(nullptr, bob, both));
  CHECK_FALSE(all.rename(&bob, other, both));
  CHECK(all.rename(nullptr, other, names{"kitchen"}));

  all.remove(ann, both);
  CHECK_FALSE(all.rename(&bob, other, both)); // the other connection still has the name
  CHECK(all.rename(nullptr, other, lobby));
  all.remove(ann, den);
  CHECK(all.rename(&bob, other, both));

  all.remove(other, both);
  all.remove(other, lobby);
  CHECK_FALSE(all.empty());
  all.remove(other, names{"kitchen"});
  CHECK(all.empty());
}

TEST_CASE("a connection's own old name does not block its new one") {
  name_registry all;
  const names den{"den"};
  const auto old = bearer("Ann", "1"), now = bearer("ann", "2"), third = bearer("ANN", "3");
  CHECK(all.rename(nullptr, old, den));
  CHECK(all.rename(&old, now, den)); // with another person too
  all.add(now, den);                 // a second connection
  CHECK_FALSE(all.rename(&now, third, den));
  all.remove(now, den);
  CHECK(all.rename(&now, third, den));
  all.remove(third, den);
  CHECK(all.empty());
}

TEST_CASE("rooms are entered with any name, and then the name is everyone's who has it") {
  name_registry all;
  const names den{"den"};
  const auto one = bearer("Ann", "1"), two = bearer("Ann", "2");
  all.add(one, den);
  all.add(two, den);
  CHECK_FALSE(all.rename(&one, one, den));
  CHECK_FALSE(all.rename(&two, two, den));
  all.remove(two, den);
  CHECK(all.rename(&one, one, den));
}

TEST_CASE("any sequence of calls gives the answers of a simple model") {
  std::mt19937 dice(7);
  name_registry all;
  struct connection {
    std::string name, person;
    std::set<std::string> rooms;
  };
  const std::vector<std::string> known{"Ann", "ANN", "Аnn", "Bob", "b0b",
                                       "BOB", "Ian", "lan", "Lan"};
  std::vector<connection> people(12);
  const auto views = [](const connection& who) {
    return names{who.rooms.begin(), who.rooms.end()};
  };
  int taken = 0, free = 0;
  for (int i = 0; i < 20000; ++i) {
    auto& who = people[dice() % people.size()];
    const auto room = std::to_string(dice() % 5);
    const name_bearer now = bearer(who.name, who.person);
    const names one{room};
    if (const auto what = dice() % 4; what == 0) {
      if (who.rooms.insert(room).second && !who.name.empty())
        all.add(now, one);
    } else if (what == 1) {
      if (who.rooms.erase(room) && !who.name.empty())
        all.remove(now, one);
    } else if (what == 2 && dice() % 3 == 0) {
      if (!who.name.empty())
        all.remove(now, views(who));
      who.name.clear();
    } else {
      const auto name = known[dice() % known.size()], person = std::to_string(dice() % 6);
      const auto wanted = bearer(name, person);
      bool expected = true;
      for (const auto& other : people)
        if (&other != &who && !other.name.empty() && other.person != person) {
          const auto theirs = skeletons_of(other.name);
          const bool alike = theirs[0] == wanted.skeletons[0] || theirs[1] == wanted.skeletons[1];
          for (const auto& each : other.rooms)
            expected = expected && !(alike && who.rooms.contains(each));
        }
      REQUIRE(all.rename(who.name.empty() ? nullptr : &now, wanted, views(who)) == expected);
      ++(expected ? free : taken);
      if (expected) {
        who.name = name;
        who.person = person;
      }
    }
  }
  CHECK(taken > 500);
  CHECK(free > 500);
  for (auto& who : people)
    if (!who.name.empty())
      all.remove(bearer(who.name, who.person), views(who));
  CHECK(all.empty());
}

TEST_CASE("of many persons who take one name at once, exactly one gets it") {
  for (int round = 0; round < 200; ++round) {
    name_registry all;
    std::atomic<int> winners = 0;
    constexpr int count = 4;
    std::latch start(count);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
      threads.emplace_back([&, mine = bearer(i % 2 ? "Ann" : "ANN", std::to_string(i))] {
        const names rooms{"a", "b", "c"};
        start.arrive_and_wait();
        if (all.rename(nullptr, mine, rooms)) {
          ++winners;
          all.add(mine, names{"d"});
        }
      });
    for (auto& each : threads)
      each.join();
    REQUIRE(winners == 1);
  }
}

TEST_CASE("the cost of a name does not grow with connections, persons and rooms that have it") {
  // A cost that grows would make this test run for hours.
  name_registry all;
  const names den{"den"};
  std::vector<name_bearer> crowd;
  for (int i = 0; i < 100'000; ++i)
    crowd.push_back({name_skeletons{"ann", "ann"}, std::to_string(i)});
  for (const auto& each : crowd) // of different persons, who came with the name
    all.add(each, den);
  for (int i = 0; i < 100'000; ++i) { // many connections of one person, each in its own room too
    const auto room = std::to_string(i);
    all.add(crowd[0], names{"hall", room});
  }
  const name_bearer wanted{name_skeletons{"ann", "ann"}, "another"};
  for (int i = 0; i < 100'000; ++i) {
    CHECK_FALSE(all.rename(nullptr, wanted, den));
    CHECK_FALSE(all.rename(nullptr, wanted, names{"hall"}));
  }
  CHECK(all.rename(nullptr, crowd[0], names{"hall"}));
  all.remove(crowd[0], names{"hall"});
  for (const auto& each : crowd)
    all.remove(each, den);
  for (int i = 0; i < 100'000; ++i) {
    const auto room = std::to_string(i);
    all.remove(crowd[0], names{"hall", room});
  }
  CHECK(all.empty());
}

TEST_SUITE_END();
