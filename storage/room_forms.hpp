// The rooms' names in the table, in the one form by which rooms are known.
// Knows: the column `room`, and how far it was gone through. Must not know: what a name may have.
#pragma once

namespace soci {
class session;
}

namespace hubbub {

/// Brings the names of all rooms to normalization form C, once in the life of a database; rooms
/// whose names look the same become one, their messages in the order of their ids. Goes through the
/// rooms, not the messages, a thousand messages and rooms a statement; each statement is a
/// transaction of its own, and what is done need not be done again when a call is cut. Safe to call
/// from many processes at once, while others read and append. Where the role may not change rows,
/// or a trigger forbids it, all stays as it is until the next call.
void unify_room_names(soci::session& sql);

/// Notes that there is nothing to go through, for a table that was just made.
void note_room_names_unified(soci::session& sql);

} // namespace hubbub
