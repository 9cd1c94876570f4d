// The body of an error of the hub. Knows RFC 9457 and the hub's own member `code`. Must not know
// which codes there are.
#pragma once

#include "tests/support/http.hpp"

namespace test {

/// Returns the body. Throws `std::runtime_error` with the rule that the answer breaks.
nlohmann::json problem_of(const response& answer);

} // namespace test
