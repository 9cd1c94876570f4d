// How PostgreSQL goes about what the log asks of it, on a table large enough to make a difference.
#include "storage/dialect.hpp"
#include "tests/log/logs.hpp"

using namespace hubbub;
using namespace test;

namespace {

/// The statement with its parameters as a prepared one has them.
std::string numbered(std::string text, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t at; (at = text.find(names[i])) != text.npos;)
      text.replace(at, names[i].size(), "$" + std::to_string(i + 1));
  return text;
}

/// The plan, with what running it has shown.
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

} // namespace

TEST_CASE("a page of a room costs its own rows, wherever in the room and in the log it lies") {
  postgres db;
  open_log(db);
  const auto admin = db.session();
  // One room was loud long ago, one has a message now and then, all else is the lobby.
  admin->sql("insert into messages (room, text, connection_id, user_message_number) select case "
             "when i < 60000 then 'loud' when i % 2000 = 0 then 'quiet' else 'lobby' end, 'text', "
             "gen_random_uuid(), i from generate_series(1, 300000) i; analyze messages");
  for (const std::string mode : {"force_custom_plan", "force_generic_plan"})
    for (const std::string room : {"lobby", "loud", "quiet", "nobody"})
      for (const std::string cursor : {"1", "59000", "150000", "300001"}) {
        admin->sql("set plan_cache_mode = " + mode);
        const auto& say = postgresql_dialect;
        for (const auto* way : {&say.newer, &say.older}) {
          const auto text = numbered(say.row + *way, {":room", ":cursor", ":limit"});
          const auto how =
              plan(*admin, text, "text, bigint, int", "'" + room + "', " + cursor + ", 50");
          CAPTURE(mode + ' ' + room + ' ' + cursor + '\n' + how);
          CHECK(how.find("using hubbub_room") != how.npos);
          for (const auto* waste : {"Seq Scan", "Sort", "Filter", "messages_pkey", "Bitmap"})
            CHECK(how.find(waste) == how.npos);
        }
      }
}

TEST_CASE("the newest of many rooms cost their own rows") {
  postgres db;
  open_log(db);
  const auto admin = db.session();
  admin->sql("insert into messages (room, text, connection_id, user_message_number) select 'room ' "
             "|| i % 1000, 'text', gen_random_uuid(), i from generate_series(1, 200000) i; "
             "analyze messages");
  for (const std::string mode : {"force_custom_plan", "force_generic_plan"}) {
    admin->sql("set plan_cache_mode = " + mode);
    const auto text = numbered(postgresql_dialect.row + postgresql_dialect.newest,
                               {":rooms", ":cursor", ":limit"});
    const auto how = plan(*admin, text, "text, bigint, int",
                          "'[\"room 1\", \"room 500\", \"none\"]', 200001, 50");
    CAPTURE(how);
    CHECK(how.find("using hubbub_room") != how.npos);
    for (const auto* waste : {"Seq Scan", "Filter", "Bitmap"})
      CHECK(how.find(waste) == how.npos);
  }
}
