#include "storage/dialect.hpp"

#include "storage/postgres_session.hpp"
#include "storage/sql_text.hpp"

namespace hubbub {

namespace {

// -- both databases -------------------------------------------------------------------------------

/// The columns of a message. The dialects differ in the text of a connection and of a time.
constexpr auto select_messages = R"(select {id}, m.room, coalesce(m.text, ''), {connection_text},
  m.user_message_number, coalesce({time_text}, ''), coalesce(m.key, ''), coalesce(m.name, '')
from messages m)";

constexpr auto insert_rows = R"(insert into messages
  ({id_column}room, text, connection_id, user_message_number, key, name, created_at)
select {id_value}{values} from)";

constexpr auto newest_id = "coalesce((select max(id) from messages), 0)";

constexpr auto fork_record = R"(
coalesce((select f.value from hubbub_meta f where f.name = 'forks'), ''))";

constexpr auto newest_row = R"({select_messages}
order by m.id desc limit 1)";

constexpr auto rows_after = R"({select_messages}
where m.id > :cursor and m.id <= :last order by m.id limit :limit)";

// -- PostgreSQL -----------------------------------------------------------------------------------

namespace postgres {

constexpr auto connection_text = "cast(m.connection_id as text)";
constexpr auto time_text = "to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";

// Sequences do not promise that ids grow in commit order. One lock for all appends makes them do
// so. The number is "hubbub" and a digit, so other applications hardly use it.
constexpr auto append_lock = "select pg_advisory_xact_lock(7526466502384809314)";

constexpr auto batch = R"(json_to_recordset(cast(:rows as json))
  as g(o int, r text, t text, c uuid, n int, k text, a text))";

constexpr auto values = "g.r, g.t, g.c, g.n, g.k, g.a, cast(:now as timestamp) at time zone 'UTC'";

// A snapshot for each statement, whatever the server's default is: see sql_log::try_append.
constexpr auto session_setup = R"(set default_transaction_isolation = 'read committed';
set {statement_timeout};
{session_settings})";

constexpr auto begin_pooled = R"(begin isolation level read committed;
set local {statement_timeout};
set local idle_in_transaction_session_timeout = '2s')";

constexpr auto begin_pooled_append = R"({begin_pooled};
{append_lock})";

// An insert of no rows waits for locks, and fails on a standby, in a read-only database and without
// rights, as an insert of rows does. It leaves nothing to vacuum.
constexpr auto insert_nothing = R"(insert into messages
  (room, text, connection_id, user_message_number, key, created_at)
select 'lobby', '', null, 0, null, now() where false)";

// PostgreSQL may leave these flags set after the last trigger or rule is gone, and sets the first
// one for foreign keys too. The closer look follows only if one is set.
constexpr auto may_interfere = "(c.relhastriggers or c.relhasrules or c.relrowsecurity)";

constexpr auto interferes = R"((
  c.relhastriggers and exists (
    select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal
      and t.tgtype & 4 <> 0 and t.tgenabled <> 'D')
  or c.relhasrules and exists (
    select from pg_rewrite r where r.ev_class = c.oid and r.ev_type = '3' and r.ev_enabled <> 'D')
  or c.relrowsecurity and row_security_active(c.oid)))";

// The server with the newest timeline is the one that was promoted last. The file of the present
// position tells it at once, and pg_control_checkpoint() only after the next checkpoint.
constexpr auto system = "(select cast(system_identifier as text) from pg_control_system())";
constexpr auto timeline = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

constexpr auto ask_server = "select {system}, {timeline}";

constexpr auto on_branch = R"({newest_id} >= cast(:seen as bigint)
  and {fork_record} = '{forks}' and {on_timeline})";

constexpr auto on_timeline = "{timeline_now} = '{timeline}'";

constexpr auto inspect_table = R"(
select coalesce(m.value, ''), cast(c.oid as bigint),
  cast({interferes} as int), cast({may_interfere} as int),
  {fork_record}, {system}, {timeline}, {newest_id}, 1
from pg_class c left join hubbub_meta m on m.name = 'log'
where c.oid = to_regclass('messages'))";

constexpr auto insert = R"(
with gate as materialized (
  {append_lock} from pg_class c where c.oid = {table_id} and not {unexpected} and {on_branch}
), stored as (
  {insert_rows} gate, {batch} order by g.o returning id
), notified as materialized (
  select pg_notify('hubbub', cast(max(id) as text)) from stored
)
select stored.id from stored, notified order by stored.id)";

constexpr auto insert_verified = "{insert_rows} {batch} order by g.o";

constexpr auto find_keys = R"({select_messages}
where m.key in (select g.k from {batch}))";

constexpr auto find_numbers = R"({select_messages}
join {batch} on m.connection_id = g.c and m.user_message_number = g.n)";

// A page must cost only its own rows, however old they are and whatever the statistics say. With
// `room = :room and id > :cursor` the planner may scan the primary key in the hope of finding rows
// of the room soon, which is wrong for a room that was quiet for a million rows. Only the index on
// (room, id) gives the order used here. The subquery keeps the planner from knowing the room. If it
// knew the room and expected few rows after it in the index, it might read and sort them all.
constexpr auto hidden_room = "(select cast(:room as text))";

constexpr auto after_in_room = R"({select_messages}
where (m.room, m.id) > ({room}, :cursor) and m.room <= {room}
order by m.room, m.id limit :limit)";

constexpr auto before_in_room = R"({select_messages}
where (m.room, m.id) < ({room}, :cursor) and m.room >= {room}
order by m.room desc, m.id desc limit :limit)";

constexpr auto newest_in_rooms = R"({select_messages}
join (
  select p.id from json_array_elements_text(cast(:rooms as json)) as g(room)
  cross join lateral (
    select i.id from messages i where (i.room, i.id) < (g.room, :cursor) and i.room >= g.room
    order by i.room desc, i.id desc limit :limit
  ) as p
) as n on n.id = m.id
order by m.id)";

dialect make_dialect() {
  const auto select =
      fill_sql(select_messages,
               {{"id", "m.id"}, {"connection_text", connection_text}, {"time_text", time_text}});
  const auto rows =
      fill_sql(insert_rows, {{"id_column", ""}, {"id_value", ""}, {"values", values}});
  const auto begin = fill_sql(begin_pooled, {{"statement_timeout", statement_timeout_setting}});
  const auto fill = [&](const char* text) {
    return fill_sql(text, {{"select_messages", select},
                           {"insert_rows", rows},
                           {"batch", batch},
                           {"room", hidden_room},
                           {"append_lock", append_lock},
                           {"begin_pooled", begin},
                           {"statement_timeout", statement_timeout_setting},
                           {"session_settings", session_settings},
                           {"interferes", interferes},
                           {"may_interfere", may_interfere},
                           {"newest_id", newest_id},
                           {"fork_record", fork_record}});
  };
  return {.session_setup = {fill(session_setup)},
          .probe = {append_lock, insert_nothing, fill(newest_row)},
          .begin_append = {"begin", append_lock},
          .pooled_probe = {insert_nothing, fill(newest_row)},
          .pooled_begin_append = {fill(begin_pooled_append)},
          .pooled_begin_read = {begin},
          .inspect_table = fill(inspect_table),
          .system = system,
          .timeline = timeline,
          .ask_server = fill_sql(ask_server, {{"system", system}, {"timeline", timeline}}),
          .on_branch = fill(on_branch),
          .on_timeline = fill_sql(on_timeline, {{"timeline_now", timeline}}),
          .interferes = interferes,
          .may_interfere = may_interfere,
          .insert = fill(insert),
          .insert_verified = fill(insert_verified),
          .fire_triggers = "set constraints all immediate",
          .notify = "select pg_notify('hubbub', cast(:id as text))",
          .find_keys = fill(find_keys),
          .find_numbers = fill(find_numbers),
          .after = fill(rows_after),
          .after_in_room = fill(after_in_room),
          .before_in_room = fill(before_in_room),
          .newest_in_rooms = fill(newest_in_rooms),
          .autocommit_insert = true};
}

} // namespace postgres

// -- SQLite ---------------------------------------------------------------------------------------

namespace sqlite {

// SOCI reads only 32 bits of a column that is declared as an integer.
constexpr auto id_text = "cast(m.id as text)";
constexpr auto connection_text = "m.connection_id";
constexpr auto time_text = "m.created_at";

constexpr auto values = R"(json_extract(value, '$.r'), json_extract(value, '$.t'),
  json_extract(value, '$.c'), json_extract(value, '$.n'), json_extract(value, '$.k'),
  json_extract(value, '$.a'), :now)";

constexpr auto insert_nothing = R"(insert into messages
  (room, text, connection_id, user_message_number, created_at)
select 'lobby', '', '', 0, '' where 0)";

// Only a real write finds out that the disk is full.
constexpr auto write_probe = R"(insert into hubbub_meta (name, value)
values ('probe', hex(randomblob(8)))
on conflict (name) do update set value = excluded.value)";

constexpr auto interferes = R"(exists (
  select 1 from sqlite_master where type = 'trigger' and tbl_name = 'messages' collate nocase))";

constexpr auto on_branch = "{newest_id} >= :seen and {fork_record} = '{forks}'";

// Without `autoincrement` the next id is the one after the greatest that is there.
constexpr auto next_ids = R"(max({newest_id}, {floor})
  + row_number() over (order by json_extract(value, '$.o')), )";

constexpr auto inspect_table = R"(
select value, 0, {interferes}, 1, {fork_record}, {system}, {timeline}, {newest_id}, exists (
  select 1 from sqlite_master where name = 'messages' collate nocase
    and sql like '%autoincrement%')
from hubbub_meta
where name = 'log' and exists (
  select 1 from sqlite_master where type = 'table' and name = 'messages' collate nocase))";

constexpr auto insert = R"({insert_rows} json_each(:rows)
where not {unexpected} and {on_branch} order by json_extract(value, '$.o') returning cast(id as text))";

constexpr auto insert_verified = R"({insert_rows} json_each(:rows)
order by json_extract(value, '$.o'))";

constexpr auto find_keys = R"({select_messages}
where m.key in (select json_extract(value, '$.k') from json_each(:rows)))";

constexpr auto find_numbers = R"({select_messages}
join json_each(:rows) on m.connection_id = json_extract(value, '$.c')
  and m.user_message_number = json_extract(value, '$.n'))";

constexpr auto after_in_room = R"({select_messages}
where m.room = :room and m.id > :cursor order by m.id limit :limit)";

constexpr auto before_in_room = R"({select_messages}
where m.room = :room and m.id < :cursor order by m.id desc limit :limit)";

constexpr auto newest_in_rooms = R"({select_messages}
join json_each(:rooms) g on m.id in (
  select i.id from messages i where i.room = g.value and i.id < :cursor
  order by i.id desc limit :limit)
order by m.id)";

dialect make_dialect() {
  const auto select =
      fill_sql(select_messages,
               {{"id", id_text}, {"connection_text", connection_text}, {"time_text", time_text}});
  const auto rows = fill_sql(insert_rows, {{"values", values}});
  const auto fill = [&](const char* text) {
    return fill_sql(text, {{"select_messages", select},
                           {"insert_rows", rows},
                           {"interferes", interferes},
                           {"newest_id", newest_id},
                           {"fork_record", fork_record}});
  };
  return {// FULL: a commit is on the disk when it returns, in WAL mode too.
          .session_setup = {"pragma busy_timeout = 1000", "pragma journal_mode = wal",
                            "pragma synchronous = full"},
          .probe = {insert_nothing, write_probe, fill(newest_row)},
          .begin_append = {"begin immediate"},
          .inspect_table = fill(inspect_table),
          .system = "''",
          .timeline = "''",
          .on_branch = fill(on_branch),
          .next_ids = fill(next_ids),
          .interferes = interferes,
          .may_interfere = interferes,
          .insert = fill(insert),
          .insert_verified = fill(insert_verified),
          .fire_triggers = {},
          .notify = {},
          .find_keys = fill(find_keys),
          .find_numbers = fill(find_numbers),
          .after = fill(rows_after),
          .after_in_room = fill(after_in_room),
          .before_in_room = fill(before_in_room),
          .newest_in_rooms = fill(newest_in_rooms)};
}

} // namespace sqlite

} // namespace

const dialect& dialect_of(database_kind kind) {
  static const dialect postgresql = postgres::make_dialect(), sqlite = sqlite::make_dialect();
  return kind == database_kind::sqlite ? sqlite : postgresql;
}

} // namespace hubbub
