// The hubs on one PostgreSQL as their rows tell: who lives, and who is buried by whom.
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

TEST_CASE("a hub that comes back after a crash of PostgreSQL buries no living one") {
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

TEST_CASE("a hub with a new line buries its own old one, though its session still lives") {
  postgres db;
  open_log(db);
  const auto one = peers_of(db);
  REQUIRE(one->wait().reconnected);
  const auto number = db.value("select number from hubbub_hubs");
  // As if the old session had not noticed yet: somebody else holds the lock of its number.
  const auto old = db.session();
  db.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = "
         "current_database() and application_name = 'hubbub listener'");
  old->sql("select pg_advisory_lock(cast(cast(cast('hubbub_hubs' as regclass) as oid) as int4), " +
           number + ")");
  reconnect(*one);
  CHECK(db.value("select count(*) from hubbub_hubs") == "1");
  CHECK(db.value("select number from hubbub_hubs") != number);
}

TEST_CASE("hubs of before there were tokens and this one share a table") {
  postgres db;
  open_log(db);
  db.sql("alter table hubbub_hubs drop column token; insert into hubbub_hubs default values");
  // An older hub watches: it reads the table for as long as the one before it lives.
  const auto watcher = db.session();
  watcher->sql("begin; select from hubbub_hubs");
  CHECK_THROWS_AS(open_log(db), log_unavailable); // rather than to keep everybody else waiting
  watcher->sql("commit");
  open_log(db);
  CHECK(db.value("select count(*) from hubbub_hubs where token is not null") == "1");
  db.sql("insert into hubbub_hubs default values"); // an older hub comes
  CHECK(db.value("select count(distinct token) from hubbub_hubs") == "2");
}
