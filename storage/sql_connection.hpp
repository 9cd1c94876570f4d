// One connection to the log's database, with its settings, its interruption and its end.
// Knows: SOCI's sessions and the libraries below them. Must not know: the statements of the log.
#pragma once

#include "storage/database_url.hpp"
#include "storage/sqlite_file.hpp"
#include "storage/thread_safety.hpp"

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// Receives the host and port of the server of each new PostgreSQL connection, because DATABASE_URL
/// may name several servers. Called on the thread that uses the connection.
using server_observer = std::function<void(const std::string& server)>;

/// One session of the log's database, which may be closed and opened again.
///
/// Threads: any thread may call `interrupt`. One thread at a time may call the other functions.
/// Lifetime: the statements of the session are destroyed before `close`.
/// Invariant: while `socket_` is not -1, it is the open socket of `session_`.
class sql_connection {
public:
  /// `file` is null for PostgreSQL. The statements `setup` run on every new connection that does
  /// not lead through a pooler.
  sql_connection(const database& where, std::shared_ptr<sqlite_file> file,
                 std::vector<std::string> setup, server_observer observer);
  ~sql_connection();
  sql_connection(const sql_connection&) = delete;

  /// Returns the session, and connects first if there is none. `may_create` lets SQLite create the
  /// file. Throws soci::soci_error and log_file_lost.
  soci::session& open(bool may_create = false);

  bool is_open() const { return session_.has_value(); }

  /// Returns whether the connection leads through a pooler, so a session keeps nothing after a
  /// transaction.
  bool is_pooled() const { return pooled_; }

  /// Closes the session. The last session of a SQLite file first brings all rows into the main
  /// file.
  void close();

  /// Rolls back the transaction of a failed call. Returns false if there is no session, or it can
  /// no longer be used.
  bool rollback();

  /// Throws log_file_lost if the file of SQLite is no longer the file that was opened.
  void check_file() const;

  /// Cuts the connection of PostgreSQL, so that a call that waits for it fails. The outcome of its
  /// statement is unknown. Does nothing for SQLite.
  void interrupt();

  /// If the settings name several servers, the next `open` tries the server of this session last.
  void try_other_servers_first();

  /// Begins a call: an interruption from now on belongs to this call.
  void begin_call();

  /// Returns whether the connection was lost without a call of `interrupt`.
  bool is_lost();

private:
  void prepare();
  bool behind_pooler();

  // Constant after construction.
  const database where_;
  const std::shared_ptr<sqlite_file> file_;
  const std::vector<std::string> setup_;
  const server_observer observer_;
  const soci::backend_factory& backend_;

  // For the thread that uses the connection.
  std::string connection_string_;
  std::optional<soci::session> session_;
  bool registered_ = false; ///< `file_` counts the session.
  bool pooled_ = false;

  annotated_mutex mutex_;
  int socket_ HUBBUB_GUARDED_BY(mutex_) = -1;          ///< The socket of PostgreSQL, or -1.
  bool interrupted_ HUBBUB_GUARDED_BY(mutex_) = false; ///< Since `begin_call`.
};

} // namespace hubbub
