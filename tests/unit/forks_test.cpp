#include "actors/forks.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

const std::vector<log_fork> two{{132, 1000}, {1050, 9000}};

} // namespace

TEST_CASE("the forks over a cursor are one, with the least after and the greatest first") {
  CHECK(forks_over(two, 0) == log_fork{132, 9000});
  CHECK(forks_over(two, 999) == log_fork{132, 9000});
  CHECK(forks_over(two, 1000) == log_fork{1050, 9000});
  CHECK_FALSE(forks_over(two, 9000));
  CHECK_FALSE(forks_over({}, 0));
  CHECK(forks_over(std::vector<log_fork>{{132, 1000}, {100, 9000}}, 5) == log_fork{100, 9000});
  CHECK(newest_first(two) == 9000);
  CHECK(newest_first({}) == 0);
}

TEST_CASE("only the forks that are not known are new") {
  CHECK(new_forks(two, {}) == two);
  CHECK(new_forks(two, std::vector<log_fork>{two[0]}) == std::vector<log_fork>{two[1]});
  CHECK(new_forks(two, two).empty());
  CHECK(new_forks({}, two).empty());
}

TEST_CASE("a position goes back to what survived every fork that came after it") {
  CHECK(surviving_position(two, 100) == 100);
  CHECK(surviving_position(two, 300) == 132);
  CHECK(surviving_position(two, 1020) == 1020);
  CHECK(surviving_position(two, 1080) == 1050);
  CHECK(surviving_position(two, 9000) == 9000);
  CHECK(surviving_position(std::vector<log_fork>{two[0], {100, 9000}}, 1020) == 100);
}

TEST_CASE("the ids between two positions do not include those that forks have skipped") {
  CHECK(ids_between({}, 3, 10) == 7);
  CHECK(ids_between({}, 10, 3) == 0);
  CHECK(ids_between(two, 130, 1001) == 4); // 131, 132, 1000, 1001
  CHECK(ids_between(two, 500, 1001) == 2);
  CHECK(ids_between(two, 500, 600) == 0);
  CHECK(ids_between(two, 0, 9000) == 132 + 51 + 1);
  CHECK(ids_between(std::vector<log_fork>{{132, 1000}, {100, 9000}}, 90, 9001) == 12);
  CHECK(ids_between({}, -5, 5) == 10);
}
