// Checks that the address for LISTEN leads to PostgreSQL itself.
// Knows: how a pooler shares its server processes. Must not know: the other checks of the doctor.
#pragma once

#include "storage/database_url.hpp"
#include "storage/finding.hpp"

namespace hubbub {

/// Connects up to three times, and waits for each answer for at most five seconds. Changes nothing
/// in the database.
finding check_listen_address(const database& where);

} // namespace hubbub
