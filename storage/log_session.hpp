// One session of the log's database: its connection and its statements.
// Knows: when a session has to be closed, and what it has to find. Must not know: the calls of the
// log, the errors of its port.
#pragma once

#include "storage/log.hpp"
#include "storage/sql_connection.hpp"
#include "storage/statements.hpp"

namespace hubbub {

/// Connects in the first call that needs the database, and again after `close`.
///
/// Threads: one thread at a time, except that any thread may interrupt the connection.
/// Lifetime: after `close` no reference to the statements is valid.
class log_session {
public:
  log_session(const database& where, std::shared_ptr<sqlite_file> file, server_observer observer);

  /// Returns the session, and connects first if there is none. `may_create` lets SQLite create the
  /// file.
  soci::session& open(bool may_create = false) { return connection_.open(may_create); }

  /// Returns the statements of the session for the present table. Connects, and prepares them first
  /// if necessary. Throws log_replaced if the log is not the one that was opened.
  statements& prepared();

  /// Must be called when the table may have changed: `prepared` looks at it again.
  void forget_table() { table_known_ = false; }

  /// Creates or migrates the tables, and returns the identity of the log and its newest id.
  opened_log open_log();

  /// Ends the transaction of a call that failed. The statements are destroyed, because SOCI keeps
  /// the bound values of a failed statement until then.
  void clean_up();

  void close();

  const dialect& texts() const { return dialect_; }
  const log_table& table() const { return table_; }
  sql_connection& connection() { return connection_; }

  /// The identity that `open_log` has returned, or empty.
  const std::string& identity() const { return identity_; }

private:
  log_table inspect_table(soci::session& session);

  const database_kind kind_;
  const dialect& dialect_;
  sql_connection connection_;
  std::optional<statements> statements_; ///< Of the session of `connection_`.
  std::string identity_;
  log_table table_;          ///< The table that `statements_` are for.
  bool table_known_ = false; ///< `table_` was inspected in this session.
};

} // namespace hubbub
