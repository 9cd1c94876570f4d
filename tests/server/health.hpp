// /health as balancers ask for it.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/hub.hpp"

#include <doctest/doctest.h>

namespace test {

/// As a balancer asks: on a connection of its own, and with little patience. Empty: no answer.
inline nlohmann::json ask(const hub& whom, const std::string& query = "") {
  try {
    const auto answer = fetch(whom.port(), "/health" + query, 1500ms);
    auto told = answer.json();
    CHECK(answer.status == (told.value("ready", told["status"] == "healthy") ? 200 : 503));
    return told;
  } catch (const timeout&) {
    return nlohmann::json::object();
  }
}

inline void turns(const hub& whom, const std::string& status, deadline within) {
  eventually("the hub to be " + status, within,
             [&] { return ask(whom).value("status", "") == status; });
}

} // namespace test
