// The migration of stored room names to the normalized form that the hub uses.
// Knows: the column `room` and the stored progress. Must not know: the rules for a room's name.
#pragma once

namespace soci {
class session;
}

namespace hubbub {

/// Brings the names of all rooms to Unicode normalization form C, once for each database. Rooms
/// whose names become equal are merged, and their messages stay in the order of their ids. The
/// function visits the rooms, not the messages; one statement reads at most a thousand rooms or
/// changes at most a thousand messages, and is a transaction of its own. The progress is stored, so
/// a call that was interrupted is continued by the next one. Any number of processes may call it at
/// once, while others read and append. Does not throw: if the role may not change rows, or a
/// trigger prevents it, the rest of the names stay unchanged until the next call.
void normalize_room_names(soci::session& sql);

/// Stores that no name is left to normalize, for a table that was just created.
void mark_room_names_normalized(soci::session& sql);

} // namespace hubbub
