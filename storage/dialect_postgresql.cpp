#include "storage/dialect.hpp"
#include "storage/dialect_parts.hpp"
#include "storage/postgres_session.hpp"
#include "storage/sql_text.hpp"

namespace hubbub {

using namespace dialect_parts;

namespace {

constexpr auto connection_text = "cast(m.connection_id as text)";
constexpr auto time_text = "to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";

// Sequences do not promise that ids grow in commit order. One lock for all appends makes them do
// so. The number is "hubbub" and a digit, so other applications hardly use it.
constexpr auto append_lock = "select pg_advisory_xact_lock(7526466502384809314)";

constexpr auto batch = R"(json_to_recordset(cast(:rows as json))
  as g(o int, r text, t text, c uuid, n int, k text, a text, p text, d text, l int))";

constexpr auto values = R"(g.r, g.t, g.c, g.n, g.k, g.a, g.p, g.d,
  cast(:now as timestamp) at time zone 'UTC')";

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

constexpr auto has_seen_row = R"((cast(:seen as bigint) = 0 or exists (
  select from messages m where m.id = :seen and m.connection_id = cast(:seen_author as uuid)
    and m.user_message_number = :seen_number)))";

constexpr auto on_branch = R"({has_seen_row} and {fork_record} = '{forks}' and {on_timeline})";

constexpr auto on_timeline = "{timeline_now} = '{timeline}'";

constexpr auto inspect_table = R"(
select coalesce(m.value, ''), cast(c.oid as bigint),
  cast({interferes} as int), cast({may_interfere} as int),
  {fork_record}, {system}, {timeline}, cast({has_seen_row} as int), 1
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

// The length is known without reading the data.
constexpr auto data_up_to_length = R"(
  case when octet_length(m.data) > g.l then ' ' else coalesce(m.data, '') end)";

constexpr auto find_keys = R"({select_messages}
join {batch} on m.key = g.k)";

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

constexpr auto count_in_room = R"(select count(*) from (
  select from messages m
  where (m.room, m.id) > ({room}, :cursor) and m.room <= {room} and m.id <= :last
  order by m.room, m.id limit :most) counted)";

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

} // namespace

dialect make_postgresql_dialect() {
  const auto select_with = [](const char* of_data) {
    return fill_sql(select_messages, {{"id", "m.id"},
                                      {"connection_text", connection_text},
                                      {"time_text", time_text},
                                      {"data", of_data}});
  };
  const auto select = select_with(data);
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
                           {"has_seen_row", has_seen_row},
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
          .find_keys = fill_sql(
              find_keys, {{"select_messages", select_with(data_up_to_length)}, {"batch", batch}}),
          .find_numbers = fill(find_numbers),
          .after = fill(rows_after),
          .after_in_room = fill(after_in_room),
          .before_in_room = fill(before_in_room),
          .newest_in_rooms = fill(newest_in_rooms),
          .count_in_room = fill(count_in_room),
          .autocommit_insert = true};
}

} // namespace hubbub
