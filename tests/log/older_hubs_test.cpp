// A hub knows whether a hub of an older version works on the same PostgreSQL.
#include "storage/postgres_peer_hubs.hpp"
#include "tests/log/logs.hpp"
#include "tests/support/older_hub.hpp"

#include <optional>

using namespace hubbub;
using namespace test;

namespace {

std::shared_ptr<peer_hubs> peers_of(const postgres& db) {
  return make_peer_hubs(parse_database_url(db.url()));
}

/// Waits for the next update that has an answer.
bool next_answer(peer_hubs& peers) {
  for (;;)
    if (const auto update = peers.wait(); update.older_hub_lives)
      return *update.older_hub_lives;
}

bool open_finds_older_hub(const test::database& db) {
  return make_sql_log(parse_database_url(db.url()))->open().older_hub_lives;
}

} // namespace

TEST_CASE("a hub learns that an older hub has started, and that it has ended") {
  postgres db;
  open_log(db);
  const auto peers = peers_of(db);
  CHECK_FALSE(next_answer(*peers));
  std::optional<older_hub> old(db);
  CHECK(next_answer(*peers));
  old.reset();
  CHECK_FALSE(next_answer(*peers));
}

TEST_CASE("a hub knows of an older hub when it has opened the log") {
  postgres db;
  CHECK_FALSE(open_finds_older_hub(db));
  std::optional<older_hub> old(db);
  CHECK(open_finds_older_hub(db));
  const auto peers = peers_of(db);
  CHECK(next_answer(*peers));
  old.reset();
  CHECK_FALSE(next_answer(*peers));
  CHECK_FALSE(open_finds_older_hub(db));
}

TEST_CASE("hubs of the same version, and the row of a dead hub, are no older hub") {
  postgres db;
  open_log(db);
  db.sql("insert into hubbub_hubs (number) overriding system value values (1999999999)");
  CHECK_FALSE(open_finds_older_hub(db));
  const auto one = peers_of(db), two = peers_of(db);
  CHECK_FALSE(next_answer(*one));
  CHECK_FALSE(next_answer(*two));
  CHECK(db.value("select count(*) from hubbub_hubs where version = 1") == "2");
  CHECK_FALSE(open_finds_older_hub(db));
}

TEST_CASE("no row without a version says that this hub is an older one, before the log is open") {
  postgres db;
  open_log(db);
  db.sql("alter table hubbub_hubs drop column version");
  const auto peers = peers_of(db);
  CHECK_THROWS_AS(peers->wait(), log_not_created);
  CHECK(db.value("select count(*) from hubbub_hubs") == "0");
  open_log(db);
  CHECK_FALSE(next_answer(*peers));
  CHECK(db.value("select version from hubbub_hubs") == "1");
}

TEST_CASE("without the right to add versions a hub goes on, and says so") {
  postgres db;
  open_log(db);
  db.sql("alter table hubbub_hubs drop column version");
  db.sql("drop role if exists unversioned; create role unversioned login password 'secret'; "
         "grant select, insert, update, delete on all tables in schema public to unversioned; "
         "grant usage, update, select on all sequences in schema public to unversioned");
  auto url = db.url();
  url.replace(url.find("hubbub:"), 7, "unversioned:");
  const auto where = parse_database_url(url);
  const auto lineage = std::make_shared<log_lineage>();
  const auto opened = make_sql_log(where, system_time, nullptr, {}, lineage)->open();
  CHECK(opened.notice.find("has no column version") != std::string::npos);
  CHECK_FALSE(next_answer(*make_peer_hubs(where, lineage)));
  db.sql("drop owned by unversioned cascade; drop role unversioned");
}

TEST_CASE("SQLite has no older hubs") {
  sqlite db;
  CHECK_FALSE(open_finds_older_hub(db));
}
