// Runs a test case once with each pooling mode of PgBouncer.
#pragma once

#include "tests/support/pgbouncer.hpp"

#include <doctest/doctest.h>

namespace test {

/// Makes one subcase of each mode and returns the mode of the current run.
inline pooling each_pooling() {
  auto how = pooling::session;
  SUBCASE("a session at a time") {}
  SUBCASE("a transaction at a time") {
    how = pooling::transaction;
  }
  return how;
}

} // namespace test
