// One connection to the log's database, from its making to its end.
// Knows: SOCI's sessions and what is beneath them. Must not know: the statements of the log.
#pragma once

#include "storage/database_url.hpp"
#include "storage/sqlite_file.hpp"

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hubbub {

/// Hears of each connection which server it leads to, where DATABASE_URL may name several. Nothing
/// for SQLite. Called on the thread that uses the connection.
using server_observer = std::function<void(const std::string& server)>;

/// Threads: `interrupt` may be called on any thread, all else on one.
class sql_connection {
public:
  /// `file` is null for PostgreSQL. `setup` is run on every new connection that is not a pooler's;
  /// several statements, separated by `;`.
  sql_connection(const database& where, std::shared_ptr<sqlite_file> file, std::string setup,
                 server_observer observer);
  ~sql_connection();

  /// Connects if there is no connection. `may_create`: also where there is no database yet, for
  /// SQLite. Throws what SOCI throws, and log_file_lost.
  soci::session& open(bool may_create = false);

  bool is_open() const { return session_.has_value(); }

  /// The connection is a pooler's: it keeps nothing over a transaction.
  bool is_pooled() const { return pooled_; }

  /// Its statements must be gone by then. SQLite's last session leaves all in the file itself.
  void close();

  /// Ends the transaction of a call that failed. False: the connection is of no more use, or there
  /// is none.
  bool rollback();

  /// The file of SQLite is still the one that was opened, else log_file_lost is thrown.
  void check_file() const;

  /// Ends the connection under the statement that is under way, of which it is not known what
  /// becomes. PostgreSQL alone.
  void interrupt();

  /// From here on an interruption is of what follows.
  void begin_call();

  /// The server, or something on the way, has ended the connection, and not `interrupt`.
  bool is_lost();

private:
  void prepare();
  bool behind_pooler();

  const database where_;
  const std::shared_ptr<sqlite_file> file_;
  const std::string setup_;
  const server_observer observer_;
  const soci::backend_factory& backend_;
  std::optional<soci::session> session_;
  bool registered_ = false; ///< The connection is among those of file_.
  bool pooled_ = false;

  std::mutex mutex_;         ///< Guards what follows.
  int socket_ = -1;          ///< PostgreSQL's.
  bool interrupted_ = false; ///< In this call.
};

} // namespace hubbub
