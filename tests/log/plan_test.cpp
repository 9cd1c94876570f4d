// The plans of PostgreSQL for the statements of the log, on a table that is large enough to show a
// bad plan.
#include "storage/dialect.hpp"
#include "tests/log/logs.hpp"

using namespace hubbub;
using namespace test;

namespace {

/// Returns the statement with the parameters $1, $2 and so on in place of the names.
std::string numbered(std::string text, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t at; (at = text.find(names[i])) != text.npos;)
      text.replace(at, names[i].size(), "$" + std::to_string(i + 1));
  return text;
}

/// Returns the plan of the statement, as `explain analyze` shows it.
std::string plan(sql_session& on, const std::string& text, const std::string& types,
                 const std::string& values) {
  on.sql("prepare asked(" + types + ") as " + text);
  std::string out;
  for (const auto& row : on.sql(
           "explain (analyze, costs off, timing off, summary off) execute asked(" + values + ")"))
    out += row[0] + '\n';
  on.sql("deallocate asked");
  return out;
}

/// Checks that a page in either direction is read from the index on rooms alone.
void is_read_by_room(sql_session& on, const std::string& mode, const std::string& room,
                     const std::string& cursor) {
  on.sql("set plan_cache_mode = " + mode);
  const auto& texts = dialect_of(database_kind::postgresql);
  for (const auto* page : {&texts.after_in_room, &texts.before_in_room}) {
    const auto text = numbered(*page, {":room", ":cursor", ":limit", ":data_limit"});
    const auto how =
        plan(on, text, "text, bigint, int, int", "'" + room + "', " + cursor + ", 50, 4096");
    CAPTURE(mode + ' ' + room + ' ' + cursor + '\n' + how);
    CHECK(how.find("using hubbub_room") != how.npos);
    for (const auto* waste : {"Seq Scan", "Sort", "Filter", "messages_pkey", "Bitmap"})
      CHECK(how.find(waste) == how.npos);
  }
}

} // namespace

TEST_CASE("a page of a room reads only its own rows, wherever it lies in the room and in the log") {
  postgres db;
  open_log(db);
  const auto admin = db.session();
  // `loud` has only old messages, `quiet` has few messages everywhere, and `lobby` has all others.
  admin->sql("insert into messages (room, text, connection_id, user_message_number) select case "
             "when i < 60000 then 'loud' when i % 2000 = 0 then 'quiet' else 'lobby' end, 'text', "
             "gen_random_uuid(), i from generate_series(1, 300000) i; analyze messages");
  for (const std::string mode : {"force_custom_plan", "force_generic_plan"})
    for (const std::string room : {"lobby", "loud", "quiet", "nobody"})
      for (const std::string cursor : {"1", "59000", "150000", "300001"})
        is_read_by_room(*admin, mode, room, cursor);
}

TEST_CASE(
    "a page reads only its own rows, however few messages the rooms behind it in order have") {
  postgres db;
  open_log(db);
  const auto admin = db.session();
  admin->sql("set default_statistics_target = 1000"); // every row of the table is in the statistics
  const auto add = [&](const std::string& room, const std::string& from, const std::string& to) {
    admin->sql("insert into messages (room, text, connection_id, user_message_number) select '" +
               room + "', 'text', gen_random_uuid(), i from generate_series(" + from + ", " + to +
               ") i");
  };
  add("loud", "1", "60000");
  add("lobby", "1", "60000");
  for (int few = 0; few < 200; few += 10) {
    add("quiet", std::to_string(few + 1), std::to_string(few + 10));
    admin->sql("analyze messages");
    is_read_by_room(*admin, "force_custom_plan", "loud", "1");
  }
}

TEST_CASE("the newest rows of many rooms are read from the index on rooms alone") {
  postgres db;
  open_log(db);
  const auto admin = db.session();
  admin->sql("insert into messages (room, text, connection_id, user_message_number) select 'room ' "
             "|| i % 1000, 'text', gen_random_uuid(), i from generate_series(1, 200000) i; "
             "analyze messages");
  for (const std::string mode : {"force_custom_plan", "force_generic_plan"}) {
    admin->sql("set plan_cache_mode = " + mode);
    const auto text = numbered(dialect_of(database_kind::postgresql).newest_in_rooms,
                               {":rooms", ":cursor", ":limit", ":data_limit"});
    const auto how = plan(*admin, text, "text, bigint, int, int",
                          "'[\"room 1\", \"room 500\", \"none\"]', 200001, 50, 4096");
    CAPTURE(how);
    CHECK(how.find("using hubbub_room") != how.npos);
    for (const auto* waste : {"Seq Scan", "Filter", "Bitmap"})
      CHECK(how.find(waste) == how.npos);
  }
}

TEST_CASE("rows are found by their keys and by their ids with the indexes of these alone") {
  postgres db;
  open_log(db);
  const auto admin = db.session();
  admin->sql("insert into messages (text, connection_id, user_message_number, key) select 'text', "
             "gen_random_uuid(), i, case when i % 3 > 0 then 'key ' || i end from "
             "generate_series(1, 200000) i; analyze messages");
  const auto& texts = dialect_of(database_kind::postgresql);
  for (const std::string mode : {"force_custom_plan", "force_generic_plan"}) {
    admin->sql("set plan_cache_mode = " + mode);
    for (const auto& [text, rows, index] :
         {std::tuple{&texts.find_keys, R"([{"k":"key 1","l":0},{"k":"key 199999","l":2}])",
                     "using hubbub_key"},
          {&texts.find_ids, "[1,199999]", "using messages_pkey"}}) {
      const auto how =
          plan(*admin, numbered(*text, {":rows"}), "text", std::string("'") + rows + "'");
      CAPTURE(how);
      CHECK(how.find(index) != how.npos);
      for (const auto* waste : {"Seq Scan on messages", "Hash Join", "Merge Join"})
        CHECK(how.find(waste) == how.npos);
    }
  }
}
