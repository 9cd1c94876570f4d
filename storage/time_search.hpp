// The search for the first message of a room at or after a time.
// Knows: that times grow with ids. Must not know: why somebody asks.
#pragma once

#include "storage/database_url.hpp"
#include "storage/message.hpp"

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// Returns a cursor such that the first row of `room` after the cursor is the first one whose time
/// is `at` or later. If there is no such row, no row of the room is after the cursor. Halves the
/// interval of ids until one is left, so it reads at most 64 rows by the index on (room, id),
/// however large the table is and however far apart its ids are.
///
/// Where a clock was corrected, times do not grow with ids. Then the row after the cursor is at or
/// after `at`, and the row before it is not, but such a place may exist more than once.
///
/// With `named` the statement is prepared by the server; see statements. Throws what SOCI throws.
row_id find_cursor_at(soci::session& sql, database_kind kind, bool named, const std::string& room,
                      instant at);

} // namespace hubbub
