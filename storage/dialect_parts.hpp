// The parts of statements that PostgreSQL and SQLite share.
// Knows: the columns of a message. Must not know: what only one of the databases understands.
#pragma once

namespace hubbub::dialect_parts {

/// The columns of a message. The dialects differ in the text of a connection and of a time. A row
/// without a person is of an older hub, whose names come from tokens.
inline constexpr auto select_messages =
    R"(select {id}, m.room, coalesce(m.text, ''), {connection_text},
  m.user_message_number, coalesce({time_text}, ''), coalesce(m.key, ''), coalesce(m.name, ''),
  coalesce(m.person, 'user-'), {data}
from messages m)";

inline constexpr auto data = "coalesce(m.data, '')";

inline constexpr auto insert_rows = R"(insert into messages
  ({id_column}room, text, connection_id, user_message_number, key, name, person, data, created_at)
select {id_value}{values} from)";

inline constexpr auto fork_record = R"(
coalesce((select f.value from hubbub_meta f where f.name = 'forks'), ''))";

inline constexpr auto newest_row = R"({select_messages}
order by m.id desc limit 1)";

inline constexpr auto rows_after = R"({select_messages}
where m.id > :cursor and m.id <= :last order by m.id limit :limit)";

} // namespace hubbub::dialect_parts

namespace hubbub {

struct dialect;
dialect make_postgresql_dialect();
dialect make_sqlite_dialect();

} // namespace hubbub
