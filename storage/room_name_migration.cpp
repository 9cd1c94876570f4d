#include "storage/room_name_migration.hpp"

#include "storage/make_statement.hpp"
#include "storage/unicode_nfc.hpp"

#include <soci/soci.h>

#include <string>
#include <vector>

namespace hubbub {

namespace {

/// The name of the row of hubbub_meta that stores the progress.
constexpr auto progress_name = "rooms_in_form_c";

/// The stored progress is this prefix and the name of the last room that was visited, or `finished`
/// when all rooms were visited.
constexpr char in_progress_prefix = '+';
const std::string finished = "done";

constexpr int rooms_per_query = 1000, rows_per_update = 1000;

constexpr auto select_progress = "select value from hubbub_meta where name = :name";

constexpr auto store_progress = R"(insert into hubbub_meta (name, value) values (:name, :value)
on conflict (name) do update set value = excluded.value)";

constexpr auto select_rooms_after = R"(
with recursive known (room, count) as (
  select (select min(m.room) from messages m where m.room > :room), 1
  union all
  select (select min(m.room) from messages m where m.room > known.room), count + 1
  from known where known.room is not null and count < :most
)
select room from known where room is not null)";

constexpr auto rename_rows = R"(
update messages set room = :new
where room = :old and id in (
  select id from messages where room = :given order by id limit :most))";

std::string progress(soci::session& sql) {
  const std::string name = progress_name;
  std::string value;
  sql << select_progress, soci::use(name), soci::into(value);
  return value;
}

void set_progress(soci::session& sql, const std::string& value) {
  const std::string name = progress_name;
  sql << store_progress, soci::use(name, "name"), soci::use(value, "value");
}

/// Returns the rooms that follow `room`. Each is found by one step in the index on (room, id).
std::vector<std::string> rooms_after(soci::session& sql, const std::string& room) {
  std::vector<std::string> rooms(rooms_per_query + 1);
  auto select = make_statement(sql, soci::details::st_one_time_query, select_rooms_after,
                               soci::use(room, "room"), soci::use(rooms_per_query, "most"),
                               soci::into(rooms));
  if (!select.execute(true))
    rooms.clear();
  return rooms;
}

void rename(soci::session& sql, const std::string& from, const std::string& to) {
  for (long long changed = rows_per_update; changed == rows_per_update;) {
    auto update = make_statement(sql, soci::details::st_one_time_query, rename_rows,
                                 soci::use(to, "new"), soci::use(from, "old"),
                                 soci::use(from, "given"), soci::use(rows_per_update, "most"));
    update.execute(true);
    changed = update.get_affected_rows();
  }
}

} // namespace

void mark_room_names_normalized(soci::session& sql) {
  set_progress(sql, finished);
}

void normalize_room_names(soci::session& sql) {
  const auto saved = progress(sql);
  if (saved == finished)
    return;
  try {
    std::string last = saved.empty() ? saved : saved.substr(1);
    for (auto rooms = rooms_after(sql, last); !rooms.empty(); rooms = rooms_after(sql, last)) {
      for (const auto& room : rooms)
        if (const auto name = to_nfc(room); name != room)
          rename(sql, room, name);
      last = rooms.back();
      set_progress(sql, in_progress_prefix + last);
    }
    mark_room_names_normalized(sql);
  } catch (const soci::soci_error&) {
    // If the connection is lost, the next statement of the session fails and reports it.
  }
}

} // namespace hubbub
