// What a test program takes over from the shell that started it. Knows the environment and the
// limits of a process. Must not know what is tested.
#pragma once

#include <optional>
#include <string>

namespace test {

/// Keeps the test results independent of the user's shell. Of the environment it keeps only the
/// variables that name a hub for the tests (HUBBUB…), that configure sanitizers, and that find
/// programs and libraries. It sets the locale, HOME, the file mode mask and the limit of open
/// files. So neither PORT nor PGHOST, neither ~/.pgpass nor a TMPDIR that another user may not
/// enter can change a result. *Threads*: call it first in main, before other threads exist.
void settle_environment();

/// The value of a variable of this process, if it is set.
std::optional<std::string> variable(const char* name);

} // namespace test
