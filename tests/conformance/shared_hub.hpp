// The hub that all cases of the test program share, and a client in its lobby that must not be
// affected by them. Knows how the hub is started; must not know the cases.
#pragma once

#include "tests/support/hub.hpp"

namespace test {

hub& shared_hub();

/// The time within which a case, and the end of its connection, must come. A hub that waits for one
/// of its own timeouts (10 s for a request, 4 s for a lingering close) would be slow every time,
/// whereas a busy machine is not. So a slow case is repeated, and run at most five times.
constexpr auto prompt = 3s;
constexpr int most_runs = 5;

/// The result of the first run that was not slow, or of the last run.
template<class Run>
auto repeat_if_slow(Run run) {
  for (int i = 1;; ++i)
    try {
      const auto began = deadline::clock::now();
      auto result = run();
      if (i == most_runs || deadline::clock::now() - began < prompt)
        return result;
    } catch (const timeout&) {
      if (i == most_runs)
        throw;
    }
}

/// Checks that the hub is healthy, and that the client in the lobby still sends and receives.
void check_unaffected();

} // namespace test
