// A real PgBouncer in front of a PostgreSQL cluster of the tests. Must not know its clients.
#pragma once

#include "tests/support/postgres.hpp"
#include "tests/support/socket.hpp"

namespace test {

/// How long a client keeps a server session: until it disconnects, or until its transaction ends.
enum class pooling { session, transaction };

/// A PgBouncer that listens on 127.0.0.1 for all databases of the cluster when the constructor
/// returns. The destructor ends it. The cluster must outlive it.
class pgbouncer {
public:
  pgbouncer(const postgres_cluster& behind, pooling how);

  /// Kills PgBouncer and starts it again on the same port.
  void restart();

  /// The value of the hub's DATABASE_URL for that database.
  std::string url(const std::string& database) const;

private:
  void start();

  temp_dir folder_;
  held_port port_;
  std::unique_ptr<process> server_;
};

} // namespace test
