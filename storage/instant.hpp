// Points in time as text.
// Knows: ISO 8601 in UTC with microseconds. Must not know: who reads or stores them.
#pragma once

#include "storage/message.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// What the clock of this machine says.
instant system_time();

/// `2026-01-31T09:30:00.123456+00:00`, always with six digits.
std::string to_iso(instant at);

/// `2026-01-31 09:30:00.123456`, as the old chat's SQLite file has it.
std::string to_sql(instant at);

/// Reads both of the above, and shorter fractions or none; what cannot be read is the epoch.
instant parse_instant(std::string_view text);

} // namespace hubbub
