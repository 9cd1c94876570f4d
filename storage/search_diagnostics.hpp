// The doctor's check of searches.
// Knows: what the index for searches needs of the database. Must not know: other checks.
#pragma once

#include "storage/database_url.hpp"
#include "storage/finding.hpp"

#include <vector>

namespace hubbub {

/// Returns what the database says about searches, which are `wanted` or not. Returns nothing if
/// there is nothing to say, or the database cannot be reached. Changes nothing.
std::vector<finding> diagnose_search(const database& where, bool wanted);

} // namespace hubbub
