// The first message at or after a time, on both databases.
#include "storage/instant.hpp"
#include "tests/log/logs.hpp"
#include "tests/log/one_hub.hpp"

using namespace hubbub;
using namespace test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

const instant noon = parse_instant("2026-01-31 12:00:00");

/// A log whose rows have the times that the test gives them.
struct clocked_log {
  explicit clocked_log(const test::database& db)
      : log(make_sql_log(parse_database_url(db.url()), [this] { return now; })) {
    log->open();
  }

  /// Stores rows of one time in one commit.
  void store(instant at, const strings& all, const std::string& room = "lobby") {
    now = at;
    std::vector<draft> batch;
    for (const auto& text : all)
      batch.push_back(says(who, text, {}, room));
    append(*log, batch);
  }

  strings from(instant at, const std::string& room = "lobby", int limit = 3) {
    return texts(log->after(room, log->cursor_at(room, at), limit));
  }

  instant now = noon;
  std::unique_ptr<hubbub::log> log;
  std::shared_ptr<author> who = someone();
};

} // namespace

ON_BOTH_DATABASES("the rows at or after a time begin exactly there") {
  clocked_log it(db);
  CHECK(it.from(noon).empty());
  for (int i = 0; i < 40; ++i)
    it.store(noon + i * 1s, {std::to_string(i)});
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    const auto next = i < 39 ? std::to_string(i + 1) : std::string();
    CHECK(it.from(noon + i * 1s, "lobby", 1) == strings{std::to_string(i)});
    CHECK(it.from(noon + i * 1s - 1us, "lobby", 1) == strings{std::to_string(i)});
    CHECK(it.from(noon + i * 1s + 1us, "lobby", 1) == (i < 39 ? strings{next} : strings{}));
  }
  CHECK(it.from(instant::min()) == strings{"0", "1", "2"});
  CHECK(it.from(instant::max()).empty());
}

ON_BOTH_DATABASES("of rows with one time the first one begins") {
  clocked_log it(db);
  it.store(noon, {"a", "b", "c"});
  it.store(noon, {"d"});
  it.store(noon + 1us, {"e", "f"});
  CHECK(it.from(noon, "lobby", 9) == strings{"a", "b", "c", "d", "e", "f"});
  CHECK(it.from(noon + 1us, "lobby", 9) == strings{"e", "f"});
}

ON_BOTH_DATABASES("rows of other rooms do not matter") {
  clocked_log it(db);
  it.store(noon - 1h, {"x1", "x2"}, "den");
  it.store(noon, {"a"});
  it.store(noon + 1h, {"x3", "x4"}, "den");
  it.store(noon + 2h, {"b"});
  it.store(noon + 3h, {"x5"}, "den");
  CHECK(it.from(noon - 1h) == strings{"a", "b"});
  CHECK(it.from(noon + 1s) == strings{"b"});
  CHECK(it.from(noon + 3h).empty());
  CHECK(it.from(noon + 1s, "den") == strings{"x3", "x4", "x5"});
  CHECK(it.from(noon, "garden").empty());
}

ON_BOTH_DATABASES("a time is found across the gap of ids that a fork leaves") {
  {
    one_hub hub(db);
    hub.writes->open();
    const auto ids = hub.store({"a", "b", "lost"});
    lose_rows(db, ids[1]);
    hub.writes->open();
    hub.store({"c", "d"});
  }
  const bool sqlite = db.url().starts_with("sqlite");
  for (const auto& [text, hour] : {std::pair{"a", 10}, {"b", 11}, {"c", 12}, {"d", 13}})
    db.sql("update messages set created_at = '2026-01-31 " + std::to_string(hour) + ":00:00" +
           (sqlite ? "" : "+00") + "' where text = '" + text + "'");
  clocked_log it(db);
  CHECK(it.log->newest_id() > row_id{1} << 32);
  CHECK(it.from(noon - 2h) == strings{"a", "b", "c"});
  CHECK(it.from(noon - 1h) == strings{"b", "c", "d"});
  CHECK(it.from(noon - 1h + 1us) == strings{"c", "d"});
  CHECK(it.from(noon) == strings{"c", "d"});
  CHECK(it.from(noon + 1us) == strings{"d"});
  CHECK(it.from(noon + 2h).empty());
}

ON_BOTH_DATABASES("where a clock was corrected, a row at or after the time follows one before it") {
  clocked_log it(db);
  it.store(noon, {"one"});
  it.store(noon + 24h, {"fast"});
  it.store(noon + 1s, {"two"});
  it.store(noon + 2s, {"three"});
  CHECK(it.from(noon) == strings{"one", "fast", "two"});
  const auto found = it.from(noon + 2s);
  CHECK((found == strings{"fast", "two", "three"} || found == strings{"three"}));
}

TEST_CASE("the times of the old chat's rows are read in all their forms (SQLite)") {
  test::sqlite db;
  clocked_log it(db);
  int number = 0;
  for (const auto* at : {"2026-01-31 11:59:59", "2026-01-31T12:00:00", "2026-01-31 12:00:00.000",
                         "2026-01-31 12:00:00.5", "2026-01-31T12:00:00.500001+00:00"})
    db.sql("insert into messages (text, connection_id, user_message_number, created_at) values ('" +
           std::string(at) + "', 'old', " + std::to_string(++number) + ", '" + at + "')");
  CHECK(it.from(noon, "lobby", 1) == strings{"2026-01-31T12:00:00"});
  CHECK(it.from(noon + 1us, "lobby", 1) == strings{"2026-01-31 12:00:00.5"});
  CHECK(it.from(noon + 500ms, "lobby", 1) == strings{"2026-01-31 12:00:00.5"});
  CHECK(it.from(noon + 500ms + 1us, "lobby", 1) == strings{"2026-01-31T12:00:00.500001+00:00"});
}

ON_BOTH_DATABASES("a time is found by few reads, however far ids are apart") {
  clocked_log it(db);
  it.store(noon, {"first"});
  db.sql("insert into messages (id, text, connection_id, user_message_number, created_at) values "
         "(9007199254740990, 'far', '00000000-0000-0000-0000-000000000000', 1, '2027-01-01 "
         "00:00:00')");
  CHECK(it.from(noon) == strings{"first", "far"});
  CHECK(it.from(noon + 1s) == strings{"far"});
}
