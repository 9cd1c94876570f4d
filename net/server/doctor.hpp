// What stands in a hub's way on this machine, before it is started.
// Knows: the settings and what each needs. Must not know: how a hub runs.
#pragma once

#include "net/server/options.hpp"
#include "storage/database_diagnostics.hpp"

namespace hubbub {

/// Beside the database's: files, port, page, token. Changes nothing.
std::vector<finding> examine(const options& settings);

/// One line each, and what to do below it where something is wrong. Returns whether all is well.
bool print(const std::vector<finding>& all);

} // namespace hubbub
