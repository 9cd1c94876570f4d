// Points in time as text.
// Knows: ISO 8601 in UTC with microseconds. Must not know: the use of a text.
#pragma once

#include "storage/message.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// Returns the time of this machine's clock, which may go back.
instant system_time();

/// Returns a text such as `2026-01-31T09:30:00.123456+00:00`, always with six digits of a second.
std::string to_iso(instant at);

/// Returns a text such as `2026-01-31 09:30:00.123456`, as the SQLite file of the old chat has it.
std::string to_sql(instant at);

/// Reads both formats, also with fewer digits of a second or none. Returns the epoch for any other
/// text.
instant parse_instant(std::string_view text);

} // namespace hubbub
