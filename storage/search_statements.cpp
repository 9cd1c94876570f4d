#include "storage/search_statements.hpp"

#include "storage/sql_text.hpp"

namespace hubbub::search_statements {

namespace {

// PostgreSQL's parser would keep addresses and paths as single words and drop tags, so the
// punctuation of ASCII becomes spaces first. A lexeme of a room and its block begins with a
// character that no word has. The bounds keep rows of other programs from failing: a tsvector has
// at most 1 MiB, and a lexeme 2 KiB.
constexpr auto vector_postgresql = R"((
to_tsvector('simple', translate(left(text, 10000),
  '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '))
|| array_to_tsvector(array['@' || cast(id >> 16 as text) || '/' || left(room, 400)])))";

// Without the fence the planner may read the newest rows one by one in the hope of finding enough.
constexpr auto find_postgresql = R"(
select i.id from (
  select id, room from messages
  where {vector} @@ (plainto_tsquery('simple', :words) && cast(:block as tsquery))
  offset 0
) as i
where i.room = :room and i.id < :cursor and numnode(plainto_tsquery('simple', :words)) > 0
order by i.id desc limit :limit)";

// The cross join makes SQLite read the index first, which returns ids in descending order without
// sorting. The room is compared again, because the text of another room may look like the token.
constexpr auto find_sqlite = R"(
select cast(hubbub_search.rowid as text) from hubbub_search
cross join messages m on m.id = hubbub_search.rowid
where hubbub_search match :words and hubbub_search.rowid < :cursor and m.room = :room
order by hubbub_search.rowid desc limit :limit)";

constexpr auto exists_postgresql = R"(
select cast(exists (
  select from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = to_regclass('messages') and c.relname = 'hubbub_search') as int))";

constexpr auto is_ready_postgresql = R"(
select cast(exists (
  select from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = to_regclass('messages') and c.relname = 'hubbub_search'
    and i.indisvalid) as int))";

constexpr auto exists_sqlite = R"(
select exists (select 1 from sqlite_master where name like 'hubbub\_search%' escape '\'))";

constexpr auto is_ready_sqlite = R"(
select (select count(*) from sqlite_master where name in ('hubbub_search', 'hubbub_search_rows',
  'hubbub_search_insert', 'hubbub_search_delete', 'hubbub_search_update')) = 5
and coalesce((select cast(f.value as integer) >= cast(t.value as integer)
  from hubbub_meta f, hubbub_meta t
  where f.name = 'search_filled' and t.name = 'search_target'), 0))";

// FTS5 has a row of `hubbub_search_docsize` for each row of the index. A row may be missing: it is
// not filled in yet, or a trigger of the operator changes the row before ours adds it.
constexpr auto is_indexed = "exists (select 1 from hubbub_search_docsize where id = old.id)";

// As the row is now, which a trigger of the operator may have changed.
constexpr auto add_row = R"(
  insert into hubbub_search (rowid, text, room)
  select id, text, room from hubbub_search_rows where id = new.id)";

constexpr auto remove_row = R"(
  insert into hubbub_search (hubbub_search, rowid, text, room)
  values ('delete', old.id, coalesce(old.text, ''), 'r' || hex(old.room)))";

std::string fill_trigger(const char* text) {
  return fill_sql(text,
                  {{"is_indexed", is_indexed}, {"add_row", add_row}, {"remove_row", remove_row}});
}

} // namespace

std::string block_query(const std::string& room, row_id id) {
  std::string out = "'@" + std::to_string(id / block_size) + '/';
  for (const char c : room) {
    if (c == '\'' || c == '\\')
      out += c; // doubled
    out += c;
  }
  return out + '\'';
}

std::string room_query(const std::string& room, const std::vector<std::string>& words) {
  std::string out = "room : \"r";
  for (const char c : room) {
    constexpr auto digits = "0123456789ABCDEF";
    out += digits[std::uint8_t(c) >> 4];
    out += digits[std::uint8_t(c) & 15];
  }
  out += "\" AND text : (";
  for (const auto& word : words) // has no quotation mark
    out += (&word == &words.front() ? "\"" : " AND \"") + word + '"';
  return out + ')';
}

std::string find(database_kind kind) {
  if (kind == database_kind::sqlite)
    return find_sqlite;
  return fill_sql(find_postgresql, {{"vector", vector_postgresql}});
}

const char* const previous_id = R"(
select m.id from messages m
where (m.room, m.id) < ((select cast(:room as text)), :cursor)
  and m.room >= (select cast(:room as text))
order by m.room desc, m.id desc limit 1)";

const char* is_ready(database_kind kind) {
  return kind == database_kind::sqlite ? is_ready_sqlite : is_ready_postgresql;
}

const char* exists(database_kind kind) {
  return kind == database_kind::sqlite ? exists_sqlite : exists_postgresql;
}

// A short pending list: every search reads all of it.
std::string create_index() {
  return fill_sql(R"(create index concurrently hubbub_search on messages using gin ({vector})
with (gin_pending_list_limit = 256))",
                  {{"vector", vector_postgresql}});
}

const char* const drop_index = "drop index concurrently if exists hubbub_search";

const std::vector<std::string>& create_table() {
  static const std::vector<std::string> all{
      R"(create view hubbub_search_rows as
select id, coalesce(text, '') as text, 'r' || hex(room) as room from messages)",
      R"(create virtual table hubbub_search using fts5(text, room, content = 'hubbub_search_rows',
content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0'))",
      fill_trigger(R"(create trigger hubbub_search_insert after insert on messages begin{add_row};
end)"),
      fill_trigger(R"(create trigger hubbub_search_delete after delete on messages
when {is_indexed} begin{remove_row};
end)"),
      fill_trigger(R"(create trigger hubbub_search_update after update of id, text, room on messages
when {is_indexed} begin{remove_row};{add_row};
end)"),
      R"(insert into hubbub_meta (name, value) values ('search_filled', '0'),
('search_target', cast((select coalesce(max(id), 0) from messages) as text)))"};
  return all;
}

const std::vector<std::string>& drop_table() {
  static const std::vector<std::string> all{
      "drop trigger if exists hubbub_search_insert",
      "drop trigger if exists hubbub_search_delete",
      "drop trigger if exists hubbub_search_update",
      "drop table if exists hubbub_search",
      "drop view if exists hubbub_search_rows",
      "delete from hubbub_meta where name in ('search_filled', 'search_target')"};
  return all;
}

const char* const count_parts = R"(
select (select count(*) from sqlite_master where name in ('hubbub_search', 'hubbub_search_rows',
  'hubbub_search_insert', 'hubbub_search_delete', 'hubbub_search_update'))
+ (select count(*) from hubbub_meta where name in ('search_filled', 'search_target')))";

const char* const next_missing = R"(
select cast(max(id) as text) from (
  select id from messages
  where id > (select cast(value as integer) from hubbub_meta where name = 'search_filled')
    and id <= (select cast(value as integer) from hubbub_meta where name = 'search_target')
  order by id limit :count))";

const char* const fill = R"(
insert into hubbub_search (rowid, text, room)
select id, text, room from hubbub_search_rows
where id > (select cast(value as integer) from hubbub_meta where name = 'search_filled')
  and id <= :last)";

const char* const record_filled = R"(
update hubbub_meta set value = cast(:last as text) where name = 'search_filled')";

const char* const record_all_filled = R"(
update hubbub_meta set value = (select t.value from hubbub_meta t where t.name = 'search_target')
where name = 'search_filled')";

} // namespace hubbub::search_statements
