// The log of the process: one line per event on standard output.
// Knows: the format of a line. Must not know: what is logged.
#pragma once

#include "actors/hub_counters.hpp"

#include <chrono>
#include <memory>

namespace hubbub {

/// Makes spdlog's default logger write to standard output. A logging call never waits for standard
/// output; the lines that are lost for that are added to `counters`. With `json` a line is an
/// object with `time` (UTC, RFC 3339), `level` and `message`.
///
/// Three lines of each kind are written per second. The others are counted, and one line tells
/// their number, at most every ten seconds and at the end.
///
/// Threads: called once, before other threads log. Lifetime: the logger lives until the process
/// ends or another default logger replaces it. Throws std::system_error if no thread can be
/// started.
void start_logging(bool debug, bool json, std::shared_ptr<hub_counters> counters);

/// Waits until all lines are written. Returns false after the timeout. Threads: any.
bool flush_log(std::chrono::milliseconds timeout);

} // namespace hubbub
