// The SQL statements of a move from the outbox into the log.
// Knows: the tables of the outbox. Must not know: how or when a statement is run.
#pragma once

namespace hubbub::outbox_statements {

/// Of the rows in `hubbub_outbox_failed` those of the newest numbers stay, and every row that a
/// change of the database or of MAX_DATA would make a message. So that a move does not read all of
/// the latter, it looks only at the numbers that the last moves have pushed over the bound.
inline constexpr auto trim_failed = R"(
delete from hubbub_outbox_failed using (select max(number) as newest from hubbub_outbox_failed) as m
where number between newest - 20000 and newest - 10000 and why not in ('unstorable', 'too_long'))";

inline constexpr auto outbox_rights = R"(
select case when to_regclass('hubbub_outbox') is null
    or to_regclass('hubbub_outbox_failed') is null then 0
  when has_table_privilege(to_regclass('hubbub_outbox'), 'select')
    and has_table_privilege(to_regclass('hubbub_outbox'), 'delete')
    and has_table_privilege(to_regclass('hubbub_outbox_failed'), 'select')
    and has_table_privilege(to_regclass('hubbub_outbox_failed'), 'insert')
    and has_table_privilege(to_regclass('hubbub_outbox_failed'), 'delete') then 2 else 1 end)";

inline constexpr auto has_rows = "select count(*) from (select from hubbub_outbox limit 1) as o";

inline constexpr auto has_rows_up_to =
    "select count(*) from (select from hubbub_outbox where id <= {id} limit 1) as o";

// The statistics of a table that is mostly empty are wrong whenever it has many rows.
inline constexpr auto use_index = "set local enable_seqscan = off";

// Only one hub moves rows at a time, so that they stay in order. The lock belongs to the table,
// because another schema may have another log.
inline constexpr auto try_move_lock = R"(
select cast(pg_try_advisory_xact_lock(
  cast(cast(cast('hubbub_outbox' as regclass) as oid) as int4), 1) as int))";

// The sum over the rows before a row ends the page. No row is read for it: the length of long data
// is known without the data.
inline constexpr auto select_page = R"(
select id, room, text, case when bytes <= :max_data then coalesce(data, '') else '' end,
  bytes, coalesce(key, ''), cast(connection_id as text)
from (
  select o.*, octet_length(text) + bytes as own,
    sum(octet_length(text) + bytes) over (order by id) as total
  from (
    select *, coalesce(octet_length(data), 0) as bytes from hubbub_outbox
    where id > :after and (:with_data = 1 or data is null) order by id limit :rows
  ) as o
) as p
where total - own < :bytes order by id)";

inline constexpr auto delete_rows = R"(
with deleted as (
  delete from hubbub_outbox
  where id between :first and :last and id = any (cast(:ids as bigint[])) returning *
), inserted as (
  insert into hubbub_outbox_failed
    (id, room, text, data, key, connection_id, created_at, why)
  select deleted.id, room, text, data, key, connection_id, created_at, failed.why
  from json_to_recordset(cast(:failed as json)) as failed(id bigint, why text)
    join deleted using (id)
)
select count(*) from deleted)";

} // namespace hubbub::outbox_statements
