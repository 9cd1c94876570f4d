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

TEST_CASE("a bucket gives twice its rate at once, then its rate") {
  const token_bucket::clock::time_point start{};
  token_bucket bucket(20, start);
  CHECK(taken(bucket, start, 100) == 40);
  CHECK(taken(bucket, start + 100ms, 100) == 2);
  CHECK(taken(bucket, start + 1100ms, 100) == 20);
  CHECK(taken(bucket, start + 1h, 100) == 40);
}

TEST_CASE("rate 0 is no limit") {
  token_bucket bucket(0, {});
  CHECK(taken(bucket, {}, 1000) == 1000);
}
