// Who is where, over all hubs on one PostgreSQL: the statements.
// Knows: the tables hubbub_hubs and hubbub_presence. Must not know: how or when they are run.
#pragma once

#include <string>

namespace hubbub::presence {

// A hub is a number, new with every line to the others, and its line's session holds the advisory
// lock of that number: PostgreSQL lets go of it the moment that the process or its machine is gone.
// After a crash of PostgreSQL the table of hubs is empty and its numbers begin again, so a row also
// has a random token, by which a hub tells its own old row from somebody else's new one.
// A row counts the people of one room in one hub. Whoever writes rows holds the lock of number 0
// and gives them a revision, so that revisions grow in commit order, and a reader's cursor over
// them is as good as one over the log. A room that emptied stays as 0 until readers have had a
// minute; then it goes, and the floor tells cursors under it to read everything.

/// Locks of hubs are pairs: this table (another schema's hubs have another), and a number.
inline const std::string lock_class = "cast(cast(cast('hubbub_hubs' as regclass) as oid) as int4)";
inline const std::string gate = "pg_advisory_xact_lock(" + lock_class + ", 0)";

/// The tables. Nothing in them outlives the hubs, so no disk need wait for them.
inline const std::string make =
    "create unlogged table if not exists hubbub_hubs (number integer generated always as identity "
    "primary key, token uuid default gen_random_uuid()); "
    "create unlogged table if not exists hubbub_presence (room text not null, hub integer not "
    "null, "
    "online integer not null, revision bigint not null, primary key (room, hub)); "
    "create index if not exists hubbub_presence_revision on hubbub_presence (revision); "
    "create sequence if not exists hubbub_revision; "
    "insert into hubbub_meta (name, value) values ('presence_floor', '0') on conflict do nothing";

/// Gives the table of an older hubbub its tokens. Older hubs read that table for ten seconds at a
/// time while they watch the one before them; word of a change in the ring makes them let go of it.
inline const std::string add_tokens =
    "select pg_notify('hubbub_hubs', 'ring'); begin; set local lock_timeout = '2s'; alter table "
    "hubbub_hubs add column if not exists token uuid default gen_random_uuid(); commit";

/// A row of hubbub_hubs.
struct seat {
  std::string number = "0", token = "00000000-0000-0000-0000-000000000000";
};

/// Takes those out whose lock nobody holds, and one that is known to be over.
inline std::string bury(const std::string& me, const seat& over) {
  return "with dead as (delete from hubbub_hubs where number <> " + me +
         " and ((number = " + over.number + " and token = '" + over.token +
         "') or pg_try_advisory_xact_lock_shared(" + lock_class +
         ", number)) returning number) update hubbub_presence set online = 0, revision = (select "
         "nextval('hubbub_revision')) from dead where hub = dead.number and online > 0";
}

/// The row of a new line, its number and token, and its lock. In a transaction behind the gate.
inline const std::string enter =
    "with me as (insert into hubbub_hubs default values returning number, token) select number, "
    "token, pg_advisory_lock(" +
    lock_class + ", number) from me";

/// $1: hub; $2: [{"r":room,"n":online}], counts that changed → the revision.
inline const std::string write =
    "with gate as materialized (select " + gate +
    "), now as materialized (select nextval('hubbub_revision') as revision from gate), told as "
    "materialized (select pg_notify('hubbub_hubs', '') from gate), stored as (insert into "
    "hubbub_presence (room, "
    "hub, online, revision) select r, cast($1 as integer), n, revision from "
    "json_to_recordset(cast($2 "
    "as json)) as g(r text, n int), now, told on conflict (room, hub) do update set online = "
    "excluded.online, revision = excluded.revision returning revision) select max(revision) from "
    "stored";

/// $1: hub; $2: the reader's cursor, or -1 → the next cursor, whether these are all rooms there
/// are, and a row for each room that has changed: its name and the people in other hubs.
inline const std::string read =
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

/// $1: a revision that every reader has had time for.
inline const std::string sweep = "with gate as materialized (select " + gate +
                                 "), gone as (delete from hubbub_presence using gate where online "
                                 "= 0 and revision <= cast($1 as "
                                 "bigint) returning revision) update hubbub_meta set value = "
                                 "cast(greatest(cast(value as bigint), "
                                 "(select max(revision) from gone)) as text) where name = "
                                 "'presence_floor' and exists (select from "
                                 "gone)";

/// Waits until the hub before this one in the ring is gone, buries it and tells; or until there has
/// been nothing to see for as long as lock_timeout says. To be cancelled without a fuss.
inline std::string watch(const std::string& me) {
  return "do $$ begin perform pg_advisory_xact_lock_shared(" + lock_class +
         ", number) from (select number from hubbub_hubs where number <> " + me +
         " order by number < " + me +
         " desc, number desc limit 1) as before; if not found then return; end if; perform " +
         gate + "; " + bury(me, {}) +
         "; perform pg_notify('hubbub_hubs', 'ring'); exception when lock_not_available or "
         "query_canceled then null; end $$";
}

} // namespace hubbub::presence
