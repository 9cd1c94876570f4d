// A test case that runs once with each kind of pooling.
#pragma once

#include "tests/support/pgbouncer.hpp"

#include <doctest/doctest.h>

namespace test {

/// The kind that this run of the test case is for.
inline pooling each_pooling() {
  auto how = pooling::session;
  SUBCASE("a session at a time") {}
  SUBCASE("a transaction at a time") {
    how = pooling::transaction;
  }
  return how;
}

} // namespace test
