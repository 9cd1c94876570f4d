// /health as balancers ask for it.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/hub.hpp"
#include "tests/support/measurements.hpp"

#include <doctest/doctest.h>

namespace test {

/// As a balancer asks: on a connection of its own, with little patience, and once more without an
/// answer, for a connection may have come to a thread that stands still. Each time it waits longer,
/// because a busy machine may be what takes so long.
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

/// Waits until the hub says that it is `status`, which it promises to do within that time.
inline void wait_for_status(const hub& whom, const std::string& status,
                            std::chrono::duration<double> promised) {
  eventually_within("/health to say " + status, promised,
                    [&] { return health_of(whom)["status"] == status; });
}

} // namespace test
