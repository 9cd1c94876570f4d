#include "storage/time_search.hpp"

#include "storage/dialect.hpp"
#include "storage/instant.hpp"
#include "storage/make_statement.hpp"

namespace hubbub {

namespace {

// The first row of :room with an id over :cursor. The room is hidden from PostgreSQL's planner for
// the reasons that its dialect has for pages of a room.
constexpr auto probe_postgresql = R"(
select m.id,
  coalesce(to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '')
from messages m
where (m.room, m.id) > ((select cast(:room as text)), :cursor)
  and m.room <= (select cast(:room as text))
order by m.room, m.id limit 1)";

// The id is a text, because SOCI reads only 32 bits of a column that is declared as an integer.
constexpr auto probe_sqlite = R"(
select cast(m.id as text), coalesce(m.created_at, '') from messages m
where m.room = :room and m.id > :cursor order by m.id limit 1)";

} // namespace

row_id find_cursor_at(soci::session& sql, database_kind kind, bool named, const std::string& room,
                      instant at) {
  long long newest = 0, middle = 0, id = 0;
  sql << select_newest_id, soci::into(newest);
  std::string time;
  auto probe = make_statement(
      sql, named ? soci::details::st_repeatable_query : soci::details::st_one_time_query,
      kind == database_kind::sqlite ? probe_sqlite : probe_postgresql, soci::use(room, "room"),
      soci::use(middle, "cursor"), soci::into(id), soci::into(time));
  // The first row after `low` may be the one, or a later one; every row up to `low` is before `at`.
  // The first row after `high` is at or after `at`, or there is none.
  row_id low = 0, high = newest;
  while (low < high) {
    middle = low + (high - low) / 2;
    if (probe.execute(true) && parse_instant(time) < at)
      low = id;
    else
      high = middle;
  }
  return high;
}

} // namespace hubbub
