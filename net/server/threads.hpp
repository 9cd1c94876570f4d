// Whether the system lets this process have its threads.
// Knows: how many there are, limits, and how to try them. Must not know: what they do.
#pragma once

#include "net/server/options.hpp"

#include <cstddef>
#include <string>

namespace hubbub {

/// The most that a hub with these settings has, beside its first.
std::size_t max_threads(const options& settings);

/// Makes so many threads at once, ends them, and says how many there were: fewer, where a limit is
/// in the way. Meant for a process without other threads. A thread that has ended is given back to
/// the limits a moment later; the call waits for that, up to a second.
std::size_t try_threads(std::size_t wanted);

/// One sentence for the operator, with the limits that may be in the way and their values.
std::string thread_shortage();

/// From here on std::terminate leaves with one line and exit code 1 where a thread could not be
/// made, until all are made. In any other case it does what it did, once the log is written. One
/// thread.
void expect_thread_shortage();
void all_threads_are_made();

/// That line, and the end of the process, without waiting for anything but standard error.
[[noreturn]] void exit_without_threads();

} // namespace hubbub
