#include "actors/token_bucket.hpp"

#include <doctest/doctest.h>

using hubbub::token_bucket;
using namespace std::chrono_literals;

namespace {

int taken(token_bucket& bucket, token_bucket::clock::time_point now, int tries) {
  int out = 0;
  while (tries-- > 0)
    out += bucket.take(now);
  return out;
}

} // namespace

TEST_CASE("a bucket allows twice its rate at once, then its rate") {
  const token_bucket::clock::time_point start{};
  token_bucket bucket(20, start);
  CHECK(taken(bucket, start, 100) == 40);
  CHECK(taken(bucket, start + 100ms, 100) == 2);
  CHECK(taken(bucket, start + 1100ms, 100) == 20);
  CHECK(taken(bucket, start + 1h, 100) == 40);
}

TEST_CASE("a burst may be given, and is at least one") {
  const token_bucket::clock::time_point start{};
  token_bucket large(2, 1000, start), small(0.1, start);
  CHECK(taken(large, start, 2000) == 1000);
  CHECK(taken(large, start + 1s, 100) == 2);
  CHECK(!large.full(start + 400s));
  CHECK(large.full(start + 501s));
  CHECK(taken(small, start, 10) == 1);
  CHECK(taken(small, start + 9s, 10) == 0);
  CHECK(taken(small, start + 11s, 10) == 1);
}

TEST_CASE("rate 0 is no limit") {
  token_bucket bucket(0, {});
  CHECK(taken(bucket, {}, 1000) == 1000);
}

TEST_CASE("a bucket that is half full gives any amount into debt, and the wait for it is told") {
  const token_bucket::clock::time_point start{};
  token_bucket bucket(10, start);
  CHECK(bucket.take_or_wait(start, 15) == 0);
  CHECK(bucket.take_or_wait(start, 8) == doctest::Approx(0.3));
  CHECK(bucket.take_or_wait(start, 20) == doctest::Approx(0.5));
  CHECK(bucket.wait_for(start, 100) == doctest::Approx(0.5));
  CHECK(bucket.take_or_wait(start + 500ms, 100) == 0);
  CHECK_FALSE(bucket.take(start + 500ms));
  CHECK(bucket.take_or_wait(start + 500ms, 1) == doctest::Approx(9.1));
  CHECK_FALSE(bucket.take(start + 9s));
  CHECK(bucket.take(start + 10s));
  token_bucket unlimited(0, start);
  CHECK(unlimited.take_or_wait(start, 1e9) == 0);
}

TEST_CASE("a large amount is given beside steady small ones") {
  token_bucket::clock::time_point now{};
  token_bucket bucket(10, now);
  int given = 0;
  for (int i = 0; i < 600; ++i, now += 100ms) {
    bucket.take(now + 50ms, 0.5);
    given += bucket.take_or_wait(now + 50ms, 100) == 0;
  }
  CHECK(given >= 3);
}

TEST_CASE("a charge is taken from an empty bucket too") {
  const token_bucket::clock::time_point start{};
  token_bucket bucket(10, start);
  bucket.charge(start, 25);
  CHECK(bucket.wait_for(start, 1) == doctest::Approx(0.6));
  CHECK_FALSE(bucket.take(start + 500ms));
  CHECK(bucket.take(start + 600ms));
}
