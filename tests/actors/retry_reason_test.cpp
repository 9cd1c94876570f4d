#include "actors/retry_reason.hpp"

#include <doctest/doctest.h>

using namespace hubbub;
using namespace std::chrono_literals;

TEST_CASE("a reason is new once, and again after another one") {
  retry_reason reason;
  const auto now = retry_reason::clock::now();
  CHECK_FALSE(reason.clear());
  CHECK(reason.is_new("away", now));
  CHECK_FALSE(reason.is_new("away", now + 1h));
  CHECK(reason.is_new("locked", now + 1s));
  CHECK_FALSE(reason.is_new("away", now + 2s)); // the reasons alternate
  CHECK(reason.is_new("away", now + 20s));
  CHECK(reason.clear());
  CHECK_FALSE(reason.clear());
  CHECK(reason.is_new("away", now + 21s));
}
