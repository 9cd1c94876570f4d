// Whether the address for LISTEN leads to PostgreSQL itself.
// Knows: how a pooler shares its server processes. Must not know: other checks of the doctor's.
#pragma once

#include "storage/database_url.hpp"
#include "storage/finding.hpp"

namespace hubbub {

/// Tries it with up to three connections, each given up after five seconds. Changes nothing.
finding check_listening(const database& where);

} // namespace hubbub
