#include "storage/room_forms.hpp"

#include "storage/make_statement.hpp"
#include "storage/normal_form.hpp"

#include <soci/soci.h>

#include <string>
#include <vector>

namespace hubbub {

namespace {

/// The row of hubbub_meta with the last room that was looked at.
constexpr auto progress_name = "rooms_in_form_c";

/// In front of that room's name; alone, as a whole value: all rooms are done.
constexpr char going_on = '+';
const std::string done = "done";

constexpr int rooms_at_once = 1000, rows_at_once = 1000;

std::string progress(soci::session& sql) {
  const std::string name = progress_name;
  std::string value;
  sql << "select value from hubbub_meta where name = :name", soci::use(name), soci::into(value);
  return value;
}

void set_progress(soci::session& sql, const std::string& value) {
  const std::string name = progress_name;
  sql << "insert into hubbub_meta (name, value) values (:name, :value) "
         "on conflict (name) do update set value = excluded.value",
      soci::use(name, "name"), soci::use(value, "value");
}

/// The next rooms behind that one, each found by one step in the index on (room, id).
std::vector<std::string> rooms_after(soci::session& sql, const std::string& room) {
  std::vector<std::string> rooms(rooms_at_once + 1);
  auto select =
      make_statement(sql, soci::details::st_one_time_query,
                     "with recursive known (room, count) as ("
                     "select (select min(m.room) from messages m where m.room > :room), 1 "
                     "union all "
                     "select (select min(m.room) from messages m where m.room > known.room), "
                     "count + 1 from known where known.room is not null and count < :most) "
                     "select room from known where room is not null",
                     soci::use(room, "room"), soci::use(rooms_at_once, "most"), soci::into(rooms));
  if (!select.execute(true))
    rooms.clear();
  return rooms;
}

void rename(soci::session& sql, const std::string& from, const std::string& to) {
  for (long long changed = rows_at_once; changed == rows_at_once;) {
    auto update =
        make_statement(sql, soci::details::st_one_time_query,
                       "update messages set room = :new where room = :old and id in "
                       "(select id from messages where room = :given order by id limit :most)",
                       soci::use(to, "new"), soci::use(from, "old"), soci::use(from, "given"),
                       soci::use(rows_at_once, "most"));
    update.execute(true);
    changed = update.get_affected_rows();
  }
}

} // namespace

void note_room_names_unified(soci::session& sql) {
  set_progress(sql, done);
}

void unify_room_names(soci::session& sql) {
  const auto begun = progress(sql);
  if (begun == done)
    return;
  try {
    std::string last = begun.empty() ? begun : begun.substr(1);
    for (auto rooms = rooms_after(sql, last); !rooms.empty(); rooms = rooms_after(sql, last)) {
      for (const auto& room : rooms)
        if (const auto name = in_normal_form(room); name != room)
          rename(sql, room, name);
      last = rooms.back();
      set_progress(sql, going_on + last);
    }
    note_room_names_unified(sql);
  } catch (const soci::soci_error&) {
    // A session that is no more says so to the next statement.
  }
}

} // namespace hubbub
