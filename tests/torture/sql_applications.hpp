// The applications that publish by SQL beside the clients, where the database is one PostgreSQL.
// Knows when they end, and that every row leaves the outbox; must not know what they publish.
#pragma once

#include "tests/torture/sql_publisher.hpp"
#include "tests/torture/testbed.hpp"

namespace torture {

/// Threads: the thread that made the testbed. Lifetime: the shared state lives longer. With another
/// database, with a standby and beside older hubs there are no applications.
class sql_applications {
public:
  sql_applications(testbed& on, std::uint64_t seed, shared_state& shared);

  /// To be called after the storm, when all faults are undone. Waits until the applications have
  /// ended and the outbox is empty. A row that stays, or was set aside, is a violation.
  void end(test::sql_session& look);

  /// Adds what may be stored, after `end`.
  void add_records(std::vector<const client_record*>& to) const;

  /// Reports each committed message that is not stored.
  void check(const std::vector<shown>& table) const;

private:
  shared_state& shared_;
  std::vector<std::unique_ptr<sql_publisher>> all_;
};

} // namespace torture
