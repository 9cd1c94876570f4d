// A connection to PostgreSQL on which every wait ends.
// Knows: libpq. Must not know: the statements that are run, the meaning of a notification.
#pragma once

#include "storage/database_url.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

namespace hubbub {

/// A flag whose descriptor is readable for poll(2) while the flag is raised.
///
/// Threads: any thread may call every function.
class signal_flag {
public:
  /// Throws std::system_error if the process has no descriptor left.
  signal_flag();
  ~signal_flag();
  signal_flag(const signal_flag&) = delete;

  void raise();
  void lower();
  int descriptor() const { return descriptor_; }

private:
  int descriptor_;
};

/// One session of PostgreSQL.
///
/// Errors: every function throws log_unavailable when the connection is lost or the server has not
/// answered for five seconds, and log_shutdown when the flag `end` is raised. After an exception
/// the object may only be destroyed. Threads: one thread at a time. Lifetime: the database and the
/// flag outlive the connection.
class postgres_connection {
public:
  using clock = std::chrono::steady_clock;
  using rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

  /// A notification, as NOTIFY sends it.
  struct notification {
    std::string channel, payload;
    bool own; ///< This connection has sent it.
  };

  /// Connects to the first server of `address` that answers, and waits for each server for
  /// `connect_timeout`. The flag `end` does not interrupt the constructor. Notices of the server go
  /// to `where.on_notice`.
  postgres_connection(const database& where, const std::string& address, const signal_flag& end);

  /// Runs a statement with the parameters $1, $2 and so on, and returns its last result. Without
  /// parameters, `statement` may be several statements.
  rows query(const std::string& statement, std::initializer_list<std::string> parameters = {});

  /// Sends a statement and does not wait for its result.
  void send(const std::string& statement);

  /// Asks the server to cancel the statement that is running. Has no effect if none is running.
  void cancel();

  /// Returns whether the statement of `send` has ended, successfully or cancelled. Does not wait,
  /// and throws if the statement has failed.
  bool query_finished();

  /// Returns the next notification that has arrived, if there is one. Does not wait.
  std::optional<notification> next_notification();

  /// The server that was reached, as libpq names it.
  struct server_name {
    std::string host, port;
  };
  server_name server() const { return {PQhost(connection_.get()), PQport(connection_.get())}; }

  int socket() const { return PQsocket(connection_.get()); }

  /// Asks for the process that serves this connection. Behind a pooler it differs from the process
  /// that was named when the connection was made, and may change with every transaction.
  int backend_pid();

  /// Returns whether a pooler is in between, as far as the last `backend_pid` can tell.
  bool pooled() const { return backend_pid_ != PQbackendPID(connection_.get()); }

private:
  void wait_for(short events, clock::time_point until);
  void expect(bool good);
  void read();

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  const signal_flag& end_;
  int backend_pid_ = 0;
};

/// Returns whether two connections to one address share server processes, as they do behind a
/// pooler in transaction mode. Changes nothing in the database. Throws log_unavailable if the
/// server does not answer.
bool share_backends(postgres_connection& one, postgres_connection& other);

} // namespace hubbub
