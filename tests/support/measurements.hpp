// Measurements of times that the project promises. A time depends on the machine of the test as
// much as on the hub, so no test fails because of one. Knows clocks and the file of measurements.
// Must not know what is promised.
#pragma once

#include "tests/support/deadline.hpp"

namespace test {

/// Appends a measurement to the file that the environment variable HUBBUB_MEASUREMENTS names. A
/// line holds the name, the seconds and the promised seconds, separated by tabs. Without that
/// variable the function does nothing. `tests/bench/run --only promises` compares the measurements
/// with the promises. *Threads*: any.
void record_measurement(const std::string& name, std::chrono::duration<double> promised,
                        std::chrono::duration<double> took);

/// Waits like `eventually`, with `patience`, and records how long that took.
void eventually_within(const std::string& what, std::chrono::duration<double> promised,
                       const std::function<bool()>& yes);

} // namespace test
