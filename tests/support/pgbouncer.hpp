// A real PgBouncer in front of a cluster of the tests'.
// Knows nothing of who comes through it.
#pragma once

#include "tests/support/postgres.hpp"
#include "tests/support/socket.hpp"

namespace test {

/// For how long a client has a session of the server to itself.
enum class pooling { session, transaction };

/// Listens on 127.0.0.1 when its constructor returns, for all databases of the cluster; ends with
/// its owner.
class pgbouncer {
public:
  pgbouncer(const postgres_cluster& behind, pooling how);

  /// On the same port again.
  void restart();

  /// As a hub's DATABASE_URL.
  std::string url(const std::string& database) const;

private:
  void start();

  temp_dir folder_;
  held_port port_;
  std::unique_ptr<process> server_;
};

} // namespace test
