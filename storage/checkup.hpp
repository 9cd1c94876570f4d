// What an operator should know of a database before a hub relies on it.
// Knows: the questions, and what to do about a bad answer. Must not know: the other settings.
#pragma once

#include "storage/database_url.hpp"
#include "storage/finding.hpp"

#include <vector>

namespace hubbub {

/// Asks, and changes nothing. A database that cannot be reached is one finding, the last.
std::vector<finding> examine(const database& where);

} // namespace hubbub
