// Figures that the project promises in seconds. How long something took on the machine of a test
// tells as much about that machine as about the hub, so no test fails by it.
// Knows clocks and the file for figures; must not know what is promised.
#pragma once

#include "tests/support/deadline.hpp"

namespace test {

/// Appends the figure to the file that the environment variable HUBBUB_MEASUREMENTS names, as a line of
/// name, seconds and promised seconds between tabs. Without that variable it does nothing.
/// `tests/bench/run --only promises` collects the figures and holds them against the promises.
/// Any thread.
void record_measurement(const std::string& name, std::chrono::duration<double> promised,
                 std::chrono::duration<double> took);

/// Waits as `eventually` does, with `patience`, and notes how long it took.
void eventually_within(const std::string& what, std::chrono::duration<double> promised,
                       const std::function<bool()>& yes);

} // namespace test
