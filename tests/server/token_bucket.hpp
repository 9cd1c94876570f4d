// The bound that a token bucket sets.
// Knows: rates and the clock. Must not know: what is counted.
#pragma once

#include "tests/support/deadline.hpp"

namespace test {

/// The number of events that a token bucket allows from `since` until now. Its capacity is twice
/// the rate.
inline double allowed(double rate, deadline::clock::time_point since) {
  return rate * (2 + std::chrono::duration<double>(deadline::clock::now() - since).count());
}

} // namespace test
