// The checks of `hubbub doctor`: whether this machine has what a hub with these settings needs.
// Knows: the settings and what each needs. Must not know: how a hub runs.
#pragma once

#include "net/server/options.hpp"
#include "storage/database_diagnostics.hpp"

namespace hubbub {

/// Checks the database, the limits of files and threads, the port, the page, the admin token and
/// the certificate. Changes nothing.
std::vector<finding> examine(const options& settings);

/// Prints a line for each finding, and its remedy below it if something is wrong. Returns whether
/// all findings are good.
bool print(const std::vector<finding>& all);

} // namespace hubbub
