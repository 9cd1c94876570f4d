// What a test program takes from the shell that started it. Knows the environment and the limits of
// a process; must not know what is tested.
#pragma once

#include <optional>
#include <string>

namespace test {

/// Of the environment this leaves only what names a hub for the tests (HUBBUB…), steers sanitizers
/// and finds programs and libraries, and it sets the locale, HOME, the file mode mask and the limit
/// of open files, so that nobody's shell changes a result: neither PORT nor PGHOST, neither
/// ~/.pgpass nor a TMPDIR that another user may not enter. To be called first in main, before there
/// are threads.
void settle_environment();

/// Of our own environment.
std::optional<std::string> variable(const char* name);

} // namespace test
