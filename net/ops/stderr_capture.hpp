// What C libraries write to standard error, on its way to the log.
// Knows: stdio. Must not know: which libraries there are.
#pragma once

namespace hubbub {

/// From now on each line that is written to `stderr` of stdio is a line of the log: libpq's about a
/// connection that is still being made, for instance, before it can be told whom to tell. What is
/// written to descriptor 2 itself, as std::cerr and sanitizers do, stays as it is. Once the log is
/// there; for as long as the process lives.
void log_standard_error();

/// The opposite, for the last words of a process.
void release_standard_error();

} // namespace hubbub
