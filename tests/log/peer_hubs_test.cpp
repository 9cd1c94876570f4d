// The rows of the hubs on one PostgreSQL: each hub has one row, and only rows of ended hubs are
// deleted.
#include "storage/postgres_peer_hubs.hpp"
#include "tests/log/logs.hpp"

using namespace hubbub;
using namespace test;

namespace {

std::shared_ptr<peer_hubs> peers_of(const postgres& db) {
  return make_peer_hubs(parse_database_url(db.url()));
}

/// Waits until the connection to the peers is there again after it was lost.
void reconnect(peer_hubs& peers) {
  eventually("a new connection to the peers", [&] {
    try {
      return peers.wait().reconnected;
    } catch (const log_unavailable&) {
      return false;
    }
  });
}

} // namespace

TEST_CASE("a hub that reconnects after a crash of PostgreSQL deletes no row of a live hub") {
  postgres db;
  open_log(db);
  const auto one = peers_of(db), two = peers_of(db);
  REQUIRE(one->wait().reconnected);
  REQUIRE(two->wait().reconnected);
  postgres::cluster().kill(); // the unlogged tables are empty, and numbers begin again at 1
  postgres::cluster().start();
  reconnect(*two); // with the number that the first one had
  reconnect(*one);
  CHECK(db.value("select count(*) from hubbub_hubs") == "2");
}

TEST_CASE("a hub with a new connection deletes its own old row, even while the old session lives") {
  postgres db;
  open_log(db);
  const auto one = peers_of(db);
  REQUIRE(one->wait().reconnected);
  const auto number = db.value("select number from hubbub_hubs");
  // The server has not ended the old session yet: another session holds the lock of its number.
  const auto old = db.session();
  db.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = "
         "current_database() and application_name = 'hubbub listener'");
  old->sql("select pg_advisory_lock(cast(cast(cast('hubbub_hubs' as regclass) as oid) as int4), " +
           number + ")");
  reconnect(*one);
  CHECK(db.value("select count(*) from hubbub_hubs") == "1");
  CHECK(db.value("select number from hubbub_hubs") != number);
}

TEST_CASE("older hubs without tokens and this hub share a table") {
  postgres db;
  open_log(db);
  db.sql("alter table hubbub_hubs drop column token; insert into hubbub_hubs default values");
  // An older hub watches its predecessor and holds a read lock on the table meanwhile.
  const auto watcher = db.session();
  watcher->sql("begin; select from hubbub_hubs");
  CHECK_THROWS_AS(
      open_log(db),
      log_unavailable); // the open gives up, so that other sessions do not wait behind it
  watcher->sql("commit");
  open_log(db);
  CHECK(db.value("select count(*) from hubbub_hubs where token is not null") == "1");
  db.sql("insert into hubbub_hubs default values"); // an older hub starts
  CHECK(db.value("select count(distinct token) from hubbub_hubs") == "2");
}
