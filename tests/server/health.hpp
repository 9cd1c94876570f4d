// Asks for /health as a load balancer does.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/hub.hpp"
#include "tests/support/measurements.hpp"

#include <doctest/doctest.h>

namespace test {

/// The body of /health. Each attempt uses a new connection and a short timeout, because a
/// connection may belong to a thread that is stalled. The timeout doubles with each attempt,
/// because a busy machine may be slow.
inline nlohmann::json health_of(const hub& whom, const std::string& query = "") {
  const deadline end = patience;
  for (auto limit = 1500ms;; limit *= 2)
    try {
      const auto answer = fetch(whom.port(), "/health" + query, limit);
      auto told = answer.json();
      CHECK(answer.status == (told.value("ready", told["status"] == "healthy") ? 200 : 503));
      return told;
    } catch (const timeout&) {
      if (end.passed())
        throw;
    }
}

/// Waits until /health reports that status, and records the time as a measurement of the promise.
inline void wait_for_status(const hub& whom, const std::string& status,
                            std::chrono::duration<double> promised) {
  eventually_within("/health to report " + status, promised,
                    [&] { return health_of(whom)["status"] == status; });
}

} // namespace test
