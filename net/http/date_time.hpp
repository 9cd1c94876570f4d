// Points in time in requests.
// Knows: RFC 3339. Must not know: the use of a time.
#pragma once

#include "storage/message.hpp"

#include <optional>
#include <string_view>

namespace hubbub {

/// Reads a date-time of RFC 3339, section 5.6, such as `2026-01-31T09:30:00.5Z` or
/// `2026-01-31T11:30:00+02:00`, with `T` and `Z` in either case. The years are 0000 to 9999. A
/// fraction may have any number of digits; what is beyond a microsecond is rounded up, so a time in
/// microseconds is at or after the result exactly if it is at or after the given one. Second 60 is
/// read at 23:59 UTC on the last day of a month only, as the first second of the next day, as POSIX
/// counts it. Any other text gives nothing.
std::optional<instant> parse_date_time(std::string_view text);

} // namespace hubbub
