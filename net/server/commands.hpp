// What the process does instead of serving, except for the doctor.
// Knows: the texts for the operator. Must not know: signals, threads, the hub.
#pragma once

#include "net/server/options.hpp"

#include <string>

namespace hubbub {

/// Writes one line about an error to standard error. Returns `code`, for the end of the process.
int fail_with(int code, const std::string& why);

/// `--check-config`: the settings have been read without an error. Returns the exit code.
int report_settings(const options& settings);

/// `restored`: an older state of the database was restored. Returns the exit code.
int report_restore(const options& settings);

} // namespace hubbub
