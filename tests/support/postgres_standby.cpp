// Streaming replication between two clusters of the tests. pg_basebackup copies the primary's data
// folder and records the address of the primary, with its password.
#include "tests/support/postgres.hpp"

#include "tests/support/deadline.hpp"

namespace test {

postgres_cluster::postgres_cluster(const postgres_cluster& primary)
    : durability_{primary.durability_} {
  give_folder_to_server();
  follow(primary);
}

void postgres_cluster::follow(const postgres_cluster& primary) {
  kill();
  server_.reset();
  std::filesystem::remove_all(folder_.path() / "data");
  const auto address = "host=127.0.0.1 port=" + std::to_string(primary.port()) +
                       " user=hubbub password=secret application_name=standby";
  const auto copied = run(server_command(
      "pg_basebackup", {"--pgdata=data", "--dbname=" + address, "--write-recovery-conf",
                        "--wal-method=stream", "--checkpoint=fast", "--no-sync"}));
  if (copied.code != 0)
    throw std::runtime_error{"pg_basebackup failed: " + copied.out + copied.err};
  start();
  eventually("the standby to stream", [&] { return has_all_of(primary); });
}

void postgres_cluster::stop_following(const postgres_cluster& primary) {
  const auto admin = session("postgres");
  admin->sql("alter system set primary_conninfo = ''");
  admin->sql("select pg_reload_conf()");
  eventually("the end of the stream", [&] {
    return admin->sql("select pid from pg_stat_wal_receiver").empty() &&
           primary.session("postgres")->sql("select pid from pg_stat_replication").empty();
  });
}

void postgres_cluster::promote() {
  if (session("postgres")->sql("select pg_promote(true, 120)")[0][0] != "t")
    throw std::runtime_error{"the standby was not promoted"};
}

bool postgres_cluster::has_all_of(const postgres_cluster& primary) const {
  const auto written = primary.session("postgres")->sql("select pg_current_wal_lsn()")[0][0];
  return !session("postgres")
              ->sql("select pid from pg_stat_wal_receiver where status = 'streaming' and "
                    "flushed_lsn >= '" +
                    written + "'")
              .empty();
}

} // namespace test
