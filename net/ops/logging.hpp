// The process's log: one line an event on standard output.
// Knows: what a line looks like. Must not know: what is logged.
#pragma once

#include "actors/hub_counters.hpp"

#include <chrono>
#include <memory>

namespace hubbub {

/// Of lines of one kind three a second are told; the others are counted, and told in one line at
/// most once in ten seconds, and at the end. `json`: a line is an object with `time` (UTC, RFC
/// 3339), `level` and `message`. Whoever logs never waits for standard output; `counted` gets the
/// number of lines that were lost for that. Throws std::system_error, if there can be no thread.
void start_logging(bool debug, bool json, std::shared_ptr<hub_counters> counters);

/// Waits until all lines are written. False: they are not, within that time. Any thread.
bool flush_log(std::chrono::milliseconds timeout);

} // namespace hubbub
