// The SQL statements by which the hubs on one PostgreSQL count the people in their rooms.
// Knows: the tables hubbub_hubs and hubbub_presence. Must not know: how or when a statement is run.
#pragma once

#include <string>
#include <vector>

namespace hubbub::presence {

// A hub is identified by a number, which is new with every connection to its peers. The session of
// that connection holds the advisory lock of the number, and PostgreSQL releases the lock as soon
// as the process or its machine is gone. After a crash of PostgreSQL the table of hubs is empty and
// its numbers begin again, so a row also has a random token, by which a hub distinguishes its own
// old row from a new row of another hub. A row of hubbub_presence counts the people of one room in
// one hub. A session that writes rows holds the lock of number 0 and gives the rows a revision.
// Revisions therefore grow in commit order, and a cursor over them misses nothing, like a cursor
// over the log. The row of a room that became empty stays for at least a minute with the count 0,
// so that readers can see the change. Then it is deleted, and `presence_floor` rises: a reader with
// a cursor below it reads everything.

/// Creates the tables. Their rows do not outlive the hubs, so the tables are unlogged.
const std::vector<std::string>& create_tables();

/// The number by which a hub tells the others what it knows, in the column `version` of its row.
/// Older hubs have null there. Version 1 knows `data` and persons.
inline constexpr int hub_version = 1;

/// Adds the columns of tokens and versions to the table of an older hubbub. Older hubs hold a read
/// lock on that table for ten seconds at a time while they watch the preceding hub. The
/// notification "ring" makes them release it.
const std::vector<std::string>& add_hub_columns();

/// The settings of the two sessions of a hub that write no messages: the one that listens, and the
/// one that watches the preceding hub.
std::string listen_session_setup();
std::string watch_session_setup();

/// Returns the identifier and the timeline of the server, or empty texts where the server hides
/// them. Never fails for that reason.
std::string ask_server();

/// Returns whether the tables exist, and whether the hubs of this table have versions.
extern const char* const tables_exist;

/// Returns whether a hub with a lower version than `hub_version` lives: its session holds the lock
/// of its number. Leaves the hub with the number `me` out. Runs behind a pooler too, and returns
/// false where no hub has ever reported to others.
std::string older_hub_lives(const std::string& me);

/// Subscribes to the notifications of new rows, of changed counts, and of published messages.
extern const char* const listen;

/// Begins a transaction that holds the lock of all sessions that write rows of presence.
std::string begin_write();

/// Tells the other hubs that the ring has changed, and commits.
extern const char* const notify_ring_and_commit;

/// A row of hubbub_hubs.
struct hub_row {
  std::string number = "0", token = "00000000-0000-0000-0000-000000000000";
};

/// Inserts the row of a new hub, takes its lock, and returns its number and token. Runs in a
/// transaction of `begin_write`. `with_version` is false if the table has no versions, because the
/// role of the hub may not add their column.
std::string insert_hub(bool with_version);

/// Deletes the hubs whose lock no session holds, except the hub with the number `me`, and also the
/// hub `ended`, which is known to have ended. The rooms of the deleted hubs get the count 0.
std::string delete_dead_hubs(const std::string& me, const hub_row& ended);

/// Stores the counts that changed and notifies the peers. $1 is the hub and $2 the counts, as
/// [{"r":room,"n":online}]. Returns the revision.
std::string write_counts();

/// Reads the rooms whose counts have changed. $1 is the hub and $2 the reader's cursor, or -1 for
/// all rooms. Each row has the next cursor, whether the rows are a snapshot of all rooms, and the
/// name of a room and the number of people in it in all other hubs. If no room has changed, the one
/// row has null for the room.
extern const char* const read_counts;

/// Deletes the rows with the count 0 up to the revision $1, which every reader has had time to
/// read.
std::string delete_empty_rooms();

/// Waits until the preceding hub in the ring has ended, deletes it and notifies the others. Ends
/// without an error when `lock_timeout` has passed or the statement is cancelled.
std::string watch_predecessor(const std::string& me);

} // namespace hubbub::presence
