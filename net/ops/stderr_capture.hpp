// Redirects what C libraries write to standard error to the log.
// Knows: stdio. Must not know: which libraries there are.
#pragma once

namespace hubbub {

/// Makes each line that is written to stdio's `stderr` a log line. For example, libpq writes there
/// while a connection is being made, before its notice handler can be set. Output to descriptor 2
/// itself, such as that of std::cerr and sanitizers, is not redirected.
///
/// Threads: called once, after `start_logging`; then any thread may write to `stderr`. Lifetime:
/// the redirection lasts until `release_standard_error` or the end of the process.
void log_standard_error();

/// Restores `stderr`, for the last messages of a process.
void release_standard_error();

} // namespace hubbub
