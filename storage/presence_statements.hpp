// The SQL statements by which the hubs on one PostgreSQL count the people in their rooms.
// Knows: the tables hubbub_hubs and hubbub_presence. Must not know: how or when a statement is run.
#pragma once

#include <string>

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

/// The advisory lock of a hub is a pair of the table's OID and the hub's number. The hubs of
/// another schema have another table, and so other locks.
inline const std::string lock_class = "cast(cast(cast('hubbub_hubs' as regclass) as oid) as int4)";

/// Takes the lock that every session holds while it writes rows of presence, until the end of the
/// transaction.
inline const std::string write_lock = "pg_advisory_xact_lock(" + lock_class + ", 0)";

/// Creates the tables. Their rows do not outlive the hubs, so the tables are unlogged.
inline const std::string create_tables =
    "create unlogged table if not exists hubbub_hubs (number integer generated always as identity "
    "primary key, token uuid default gen_random_uuid()); "
    "create unlogged table if not exists hubbub_presence (room text not null, hub integer not "
    "null, "
    "online integer not null, revision bigint not null, primary key (room, hub)); "
    "create index if not exists hubbub_presence_revision on hubbub_presence (revision); "
    "create sequence if not exists hubbub_revision; "
    "insert into hubbub_meta (name, value) values ('presence_floor', '0') on conflict do nothing";

/// Adds the column of tokens to the table of an older hubbub. Older hubs hold a read lock on that
/// table for ten seconds at a time while they watch the preceding hub. The notification "ring"
/// makes them release it.
inline const std::string add_token_column =
    "select pg_notify('hubbub_hubs', 'ring'); begin; set local lock_timeout = '2s'; alter table "
    "hubbub_hubs add column if not exists token uuid default gen_random_uuid(); commit";

/// A row of hubbub_hubs.
struct hub_row {
  std::string number = "0", token = "00000000-0000-0000-0000-000000000000";
};

/// Deletes the hubs whose lock no session holds, except the hub with the number `me`, and also the
/// hub `over`, which is known to have ended. The rooms of the deleted hubs get the count 0.
inline std::string delete_dead_hubs(const std::string& me, const hub_row& over) {
  return "with dead as (delete from hubbub_hubs where number <> " + me +
         " and ((number = " + over.number + " and token = '" + over.token +
         "') or pg_try_advisory_xact_lock_shared(" + lock_class +
         ", number)) returning number) update hubbub_presence set online = 0, revision = (select "
         "nextval('hubbub_revision')) from dead where hub = dead.number and online > 0";
}

/// Inserts the row of a new hub, takes its lock, and returns its number and token. Runs in a
/// transaction that holds `write_lock`.
inline const std::string insert_hub =
    "with me as (insert into hubbub_hubs default values returning number, token) select number, "
    "token, pg_advisory_lock(" +
    lock_class + ", number) from me";

/// Stores the counts that changed and notifies the peers. $1 is the hub and $2 the counts, as
/// [{"r":room,"n":online}]. Returns the revision.
inline const std::string write_counts =
    "with gate as materialized (select " + write_lock +
    "), now as materialized (select nextval('hubbub_revision') as revision from gate), told as "
    "materialized (select pg_notify('hubbub_hubs', '') from gate), stored as (insert into "
    "hubbub_presence (room, "
    "hub, online, revision) select r, cast($1 as integer), n, revision from "
    "json_to_recordset(cast($2 "
    "as json)) as g(r text, n int), now, told on conflict (room, hub) do update set online = "
    "excluded.online, revision = excluded.revision returning revision) select max(revision) from "
    "stored";

/// Reads the rooms whose counts have changed. $1 is the hub and $2 the reader's cursor, or -1 for
/// all rooms. Each row has the next cursor, whether the rows are a snapshot of all rooms, and the
/// name of a room and the number of people in it in all other hubs. If no room has changed, the one
/// row has null for the room.
inline const std::string read_counts =
    "with floor as materialized (select cast(value as bigint) as at from hubbub_meta where name = "
    "'presence_floor'), since as materialized (select case when at > cast($2 as bigint) then -1 "
    "else "
    "cast($2 as bigint) end as at from floor), changed as (select distinct room from "
    "hubbub_presence "
    "where revision > (select at from since) and hub <> cast($1 as integer)) select "
    "greatest((select "
    "max(revision) from hubbub_presence), floor.at, cast($2 as bigint)), since.at = -1, r.room, "
    "r.online from floor cross join since left join (select p.room, coalesce(sum(p.online) filter "
    "(where p.hub <> cast($1 as integer)), 0) as online from hubbub_presence p join changed using "
    "(room) group by p.room) as r on true";

/// Deletes the rows with the count 0 up to the revision $1, which every reader has had time to
/// read.
inline const std::string delete_empty_rooms =
    "with gate as materialized (select " + write_lock +
    "), gone as (delete from hubbub_presence using gate where online "
    "= 0 and revision <= cast($1 as "
    "bigint) returning revision) update hubbub_meta set value = "
    "cast(greatest(cast(value as bigint), "
    "(select max(revision) from gone)) as text) where name = "
    "'presence_floor' and exists (select from "
    "gone)";

/// Waits until the preceding hub in the ring has ended, deletes it and notifies the others. Ends
/// without an error when `lock_timeout` has passed or the statement is cancelled.
inline std::string watch_predecessor(const std::string& me) {
  return "do $$ begin perform pg_advisory_xact_lock_shared(" + lock_class +
         ", number) from (select number from hubbub_hubs where number <> " + me +
         " order by number < " + me +
         " desc, number desc limit 1) as before; if not found then return; end if; perform " +
         write_lock + "; " + delete_dead_hubs(me, {}) +
         "; perform pg_notify('hubbub_hubs', 'ring'); exception when lock_not_available or "
         "query_canceled then null; end $$";
}

} // namespace hubbub::presence
