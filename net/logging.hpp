// The process's log: one line an event on standard output.
// Knows: what a line looks like. Must not know: what is logged.
#pragma once

namespace hubbub {

/// Of lines of one kind three a second are told; the others are counted, and told in one line at
/// most once in ten seconds, and at the end. `json`: a line is an object with `time` (UTC, RFC
/// 3339), `level` and `message`.
void start_logging(bool debug, bool json);

} // namespace hubbub
