// The migration of rooms whose names look the same, in tables that an older hub has written.
#include "tests/log/logs.hpp"

#include <thread>

using namespace hubbub;
using namespace test;

namespace {

const std::string composed = "caf\xC3\xA9", decomposed = "cafe\xCC\x81";

/// Deletes the stored progress, as if an older hub had written the rows with their original names.
void age(const test::database& db) {
  db.value("delete from hubbub_meta where name = 'rooms_in_form_c' returning name");
}

void store(hubbub::log& to, const std::string& room, int count) {
  std::vector<draft> batch;
  for (int i = 0; i < count; ++i)
    batch.push_back(says(someone(), room + std::to_string(i), {}, room));
  append(to, batch);
}

} // namespace

ON_BOTH_DATABASES("rooms that look the same become one when the log is opened") {
  {
    const auto log = open_log(db);
    store(*log, composed, 1);
    store(*log, decomposed, 2500); // more than one statement changes
    store(*log, composed, 1);
    store(*log, "\xE2\x84\xAB", 1);
    store(*log, "lobby", 3);
    store(*log, "lobby-2", 1);
  }
  age(db);
  const auto log = open_log(db);
  CHECK(log->after(decomposed, 0, 10).empty());
  const auto rows = log->after(composed, 0, 3000);
  REQUIRE(rows.size() == 2502);
  for (std::size_t i = 0; i < rows.size(); ++i)
    REQUIRE(rows[i].id == row_id(i + 1));
  CHECK(log->after("\xC3\x85", 0, 10).size() == 1);
  CHECK(log->after("lobby", 0, 10).size() == 3);
  CHECK(log->after("lobby-2", 0, 10).size() == 1);
}

ON_BOTH_DATABASES(
    "the rooms are visited once, and the migration continues where a call was cut short") {
  {
    const auto log = open_log(db);
    store(*log, decomposed, 1);
    store(*log, "z" + decomposed, 1);
  }
  const auto log = open_log(db); // the migration had finished before these rows were stored
  CHECK(log->after(decomposed, 0, 10).size() == 1);
  db.value("update hubbub_meta set value = '+d' where name = 'rooms_in_form_c' returning name");
  const auto again = open_log(db);
  CHECK(again->after(decomposed, 0, 10).size() == 1);
  CHECK(again->after("z" + composed, 0, 10).size() == 1);
  CHECK(db.value("select value from hubbub_meta where name = 'rooms_in_form_c'") == "done");
}

TEST_CASE("many hubs may migrate one database at once (PostgreSQL)") {
  postgres db;
  {
    const auto log = open_log(db);
    store(*log, composed, 10);
    store(*log, decomposed, 1500);
  }
  age(db);
  std::vector<std::thread> hubs;
  for (int i = 0; i < 4; ++i)
    hubs.emplace_back([&] { open_log(db); });
  for (auto& each : hubs)
    each.join();
  CHECK(open_log(db)->after(composed, 0, 2000).size() == 1510);
}

TEST_CASE("the log opens even if its rows may not be changed (PostgreSQL)") {
  postgres db;
  {
    const auto log = open_log(db);
    store(*log, decomposed, 1);
  }
  age(db);
  db.session()->sql("create function refuse() returns trigger language plpgsql as $$ begin raise "
                    "exception 'no'; end $$; create trigger no_changes before update on messages "
                    "for each row execute function refuse()");
  const auto log = open_log(db);
  CHECK(log->after(decomposed, 0, 10).size() == 1);
  store(*log, "lobby", 1);
  db.session()->sql("drop trigger no_changes on messages");
  CHECK(open_log(db)->after(composed, 0, 10).size() == 1);
}

ON_BOTH_DATABASES("an identity of a log that was written in capitals is returned in lower case") {
  open_log(db);
  db.value("update hubbub_meta set value = '3B241101-E2BB-4255-8CAF-4136C566A962' where name = "
           "'log' returning name");
  CHECK(make_sql_log(parse_database_url(db.url()))->open().identity ==
        "3b241101-e2bb-4255-8caf-4136c566a962");
}
