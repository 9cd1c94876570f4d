// One session of the log's database: its connection, its statements, and the branch of the log that
// it leads to.
// Knows: when a session has to be closed, and what it has to find. Must not know: the calls of the
// log, the errors of its port.
#pragma once

#include "storage/fork_check.hpp"
#include "storage/later_columns.hpp"
#include "storage/sql_connection.hpp"
#include "storage/statements.hpp"

namespace hubbub {

/// Connects in the first call that needs the database, and again after `close`.
///
/// Threads: one thread at a time, except that any thread may interrupt the connection.
/// Lifetime: shares the lineage. After `close` no reference to the statements is valid.
/// Invariant: while a session is open, `generation_` is that of the lineage when the session was
/// opened, or when it has itself changed the lineage.
class log_session {
public:
  log_session(const database& where, std::shared_ptr<sqlite_file> file, server_observer observer,
              std::shared_ptr<log_lineage> lineage);
  ~log_session();
  log_session(const log_session&) = delete;

  /// Returns the session, and connects first if there is none, or a fork was found since it was
  /// opened. `may_create` lets SQLite create the file.
  soci::session& open(bool may_create = false);

  /// Returns the statements of the session for the present table. Connects, and prepares them first
  /// if necessary. Throws log_replaced and log_forked if the log is not the one that was opened,
  /// and log_unavailable if the server is a standby or an old primary.
  statements& prepared();

  /// Must be called when the table may have changed: `prepared` looks at it again.
  void forget_table() { table_known_ = false; }

  /// Runs `act` in a transaction that it begins, and returns its result. If `act` returns nothing,
  /// the table has a new trigger, or is a new table, or the log has a fork: then it runs once more,
  /// after the table was looked at again. Throws log_unavailable if the result is nothing again.
  template<class Act>
  auto with_current_table(Act act) -> typename decltype(act())::value_type {
    if (auto done = act())
      return std::move(*done);
    connection_.rollback();
    forget_table();
    if (auto done = act())
      return std::move(*done);
    throw log_unavailable("the table of the log changes at this moment");
  }

  /// Creates or migrates the tables, and compares the log with what this hub has seen of it.
  opened_log open_log();

  /// The same for an existing log, in which a fork is made.
  opened_log make_fork();

  /// Records the newest row of a page or an append as seen, unless a fork was found since the
  /// session was opened. Looks at the log again if its id is so far beyond that it may be behind a
  /// fork that this hub does not know, and then throws as `prepared` does.
  void saw(const seen_row& newest);

  /// Returns whether no fork was found since the session was opened.
  bool is_current() const { return generation_ == lineage_->generation(); }

  /// Ends the transaction of a call that failed. The statements are destroyed, because SOCI keeps
  /// the bound values of a failed statement until then.
  void clean_up();

  void close();

  const dialect& texts() const { return dialect_; }
  const log_table& table() const { return table_; }
  const log_lineage& lineage() const { return *lineage_; }
  sql_connection& connection() { return connection_; }

  /// The identity that `open_log` has returned, or empty.
  const std::string& identity() const { return identity_; }

private:
  soci::session& connect(bool may_create = false);
  log_table inspect(soci::session& session);
  void check_missing(const soci::soci_error& e) const;
  void check_branch(const inspected_log& now, const log_state& before) const;
  void refuse_old_primary(const server_timeline& server);
  std::string prepare(soci::session& session);
  opened_log check(fork_cause cause);

  const database_kind kind_;
  const dialect& dialect_;
  const std::shared_ptr<log_lineage> lineage_;
  sql_connection connection_;
  std::optional<statements> statements_; ///< Of the session of `connection_`.
  std::string identity_;
  column_migration migration_;  ///< Of the tables, by `open_log` and `make_fork`.
  log_table table_;             ///< The table that `statements_` are for.
  bool table_known_ = false;    ///< `table_` was inspected in this session.
  bool tells_timeline_ = false; ///< The server of this session tells its timeline.
  std::uint64_t generation_ = 0;
};

} // namespace hubbub
