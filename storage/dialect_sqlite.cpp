#include "storage/dialect.hpp"
#include "storage/dialect_parts.hpp"
#include "storage/sql_text.hpp"

namespace hubbub {

using namespace dialect_parts;

namespace {

// SOCI reads only 32 bits of a column that is declared as an integer.
constexpr auto id_text = "cast(m.id as text)";
constexpr auto connection_text = "m.connection_id";
constexpr auto time_text = "m.created_at";

constexpr auto values = R"(json_extract(value, '$.r'), json_extract(value, '$.t'),
  json_extract(value, '$.c'), json_extract(value, '$.n'), json_extract(value, '$.k'),
  json_extract(value, '$.a'), json_extract(value, '$.p'), json_extract(value, '$.d'), :now)";

constexpr auto insert_nothing = R"(insert into messages
  (room, text, connection_id, user_message_number, created_at)
select 'lobby', '', '', 0, '' where 0)";

// Only a real write finds out that the disk is full.
constexpr auto write_probe = R"(insert into hubbub_meta (name, value)
values ('probe', hex(randomblob(8)))
on conflict (name) do update set value = excluded.value)";

constexpr auto interferes = R"(exists (
  select 1 from sqlite_master where type = 'trigger' and tbl_name = 'messages' collate nocase))";

// The file of the old chat may have connections in other forms, or texts that are no UUID.
constexpr auto has_seen_row = R"((:seen = 0 or exists (
  select 1 from messages m where m.id = :seen and m.user_message_number = :seen_number
    and (:seen_author = '00000000-0000-0000-0000-000000000000'
      or replace(lower(m.connection_id), '-', '') = replace(:seen_author, '-', '')))))";

constexpr auto on_branch = "{has_seen_row} and {fork_record} = '{forks}'";

// Without `autoincrement` the next id is the one after the greatest that is there.
constexpr auto next_ids = R"(max(coalesce((select max(id) from messages), 0), {floor})
  + row_number() over (order by json_extract(value, '$.o')), )";

constexpr auto inspect_table = R"(
select value, 0, {interferes}, 1, {fork_record}, {system}, {timeline}, {has_seen_row}, exists (
  select 1 from sqlite_master where name = 'messages' collate nocase
    and sql like '%autoincrement%')
from hubbub_meta
where name = 'log' and exists (
  select 1 from sqlite_master where type = 'table' and name = 'messages' collate nocase))";

constexpr auto insert = R"({insert_rows} json_each(:rows)
where not {unexpected} and {on_branch} order by json_extract(value, '$.o') returning cast(id as text))";

constexpr auto insert_verified = R"({insert_rows} json_each(:rows)
order by json_extract(value, '$.o'))";

// The length of a text is in characters, which are not more than its bytes.
constexpr auto data_up_to_length = R"(
  case when length(m.data) > json_extract(value, '$.l') then ' ' else coalesce(m.data, '') end)";

constexpr auto find_keys = R"({select_messages}
join json_each(:rows) on m.key = json_extract(value, '$.k'))";

constexpr auto find_numbers = R"({select_messages}
join json_each(:rows) on m.connection_id = json_extract(value, '$.c')
  and m.user_message_number = json_extract(value, '$.n'))";

constexpr auto after_in_room = R"({select_messages}
where m.room = :room and m.id > :cursor order by m.id limit :limit)";

constexpr auto count_in_room = R"(select count(*) from (
  select 1 from messages m
  where m.room = :room and m.id > :cursor and m.id <= :last order by m.id limit :most))";

constexpr auto before_in_room = R"({select_messages}
where m.room = :room and m.id < :cursor order by m.id desc limit :limit)";

constexpr auto newest_in_rooms = R"({select_messages}
join json_each(:rooms) g on m.id in (
  select i.id from messages i where i.room = g.value and i.id < :cursor
  order by i.id desc limit :limit)
order by m.id)";

} // namespace

dialect make_sqlite_dialect() {
  const auto select_with = [](const char* of_data) {
    return fill_sql(select_messages, {{"id", id_text},
                                      {"connection_text", connection_text},
                                      {"time_text", time_text},
                                      {"data", of_data}});
  };
  const auto select = select_with(data);
  const auto rows = fill_sql(insert_rows, {{"values", values}});
  const auto fill = [&](const char* text) {
    return fill_sql(text, {{"select_messages", select},
                           {"insert_rows", rows},
                           {"interferes", interferes},
                           {"has_seen_row", has_seen_row},
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
          .find_keys = fill_sql(find_keys, {{"select_messages", select_with(data_up_to_length)}}),
          .find_numbers = fill(find_numbers),
          .after = fill(rows_after),
          .after_in_room = fill(after_in_room),
          .before_in_room = fill(before_in_room),
          .newest_in_rooms = fill(newest_in_rooms),
          .count_in_room = fill(count_in_room)};
}

} // namespace hubbub
