// The checks of a database that the doctor makes before a hub relies on it.
// Knows: the questions to the database, and the remedies. Must not know: the other settings.
#pragma once

#include "storage/database_url.hpp"
#include "storage/finding.hpp"

#include <vector>

namespace hubbub {

/// Runs all checks of a database and returns one finding for each. Leaves nothing changed in the
/// database. Does not throw for a database that fails: a database that cannot be reached is the
/// last finding.
std::vector<finding> diagnose_database(const database& where);

} // namespace hubbub
