// Whether the limits of the system allow the threads that a hub needs.
// Knows: their number, the limits, and how to try them. Must not know: what the threads do.
#pragma once

#include "net/server/options.hpp"

#include <cstddef>
#include <string>

namespace hubbub {

/// Returns the largest number of threads that a hub with these settings has, without its first.
std::size_t max_threads(const options& settings);

/// Makes `wanted` threads at once, ends them, and returns how many could be made. Must be called
/// while the process has no other threads. The kernel counts an ended thread for a moment longer;
/// the call waits for that, up to a second.
std::size_t try_threads(std::size_t wanted);

/// Returns a sentence for the operator with the limits that may be too low, and their values.
std::string thread_shortage();

/// From here on, until all_threads_are_made, std::terminate calls exit_without_threads if its cause
/// is a thread that could not be made. For any other cause it writes the log and does what it did
/// before. Must be called while the process has one thread.
void expect_thread_shortage();
void all_threads_are_made();

/// Ends the process with exit code 1 and thread_shortage on standard error. Waits for nothing else.
[[noreturn]] void exit_without_threads();

} // namespace hubbub
