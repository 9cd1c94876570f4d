#include "storage/sql_connection.hpp"

#include "storage/notices.hpp"
#include "storage/postgres_session.hpp"
#include "storage/server_order.hpp"
#include "storage/soci_backends.hpp"
#include "storage/statements.hpp"

#include <sys/socket.h>

#include <utility>

namespace hubbub {

sql_connection::sql_connection(const database& where, std::shared_ptr<sqlite_file> file,
                               std::vector<std::string> setup, server_observer observer)
    : where_(where), file_(std::move(file)), setup_(std::move(setup)),
      observer_(std::move(observer)), backend_(backend_of(where.kind)),
      connection_string_(where.connection_string) {}

sql_connection::~sql_connection() {
  close();
}

soci::session& sql_connection::open(bool may_create) {
  if (session_)
    return *session_;
  if (file_)
    file_->before_opening(may_create);
  try {
    session_.emplace(backend_, connection_string_);
    prepare();
  } catch (...) {
    close(); // so that a connection without its settings is not used
    if (where_.kind == database_kind::postgresql)
      connection_string_ = with_first_server_last(connection_string_);
    throw;
  }
  return *session_;
}

void sql_connection::prepare() {
  if (where_.kind == database_kind::postgresql) {
    PQsetErrorVerbosity(postgresql(*session_), PQERRORS_VERBOSE); // see classify_error
    forward_notices(postgresql(*session_), where_);
    const mutex_lock lock(mutex_);
    socket_ = PQsocket(postgresql(*session_));
  } else
    sqlite_api::sqlite3_extended_result_codes(sqlite(*session_), 1);
  pooled_ = where_.kind == database_kind::postgresql && behind_pooler();
  if (!pooled_)
    statements::execute_all(*session_, setup_);
  if (observer_ && where_.kind == database_kind::postgresql)
    observer_(server_of(postgresql(*session_)));
  if (file_) {
    *session_ << "select count(*) from sqlite_master"; // creates the companions
    file_->session_opened();
    registered_ = true;
  }
}

void sql_connection::close() {
  {
    const mutex_lock lock(mutex_); // the descriptor may belong to another file from now on
    socket_ = -1;
  }
  if (file_ && session_)
    // SQLite brings the rows of the -wal file into the main file when the last session ends, but
    // not if two sessions end at once. The rows of a deleted -wal file would be lost.
    sqlite_api::sqlite3_wal_checkpoint_v2(sqlite(*session_), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                          nullptr, nullptr);
  session_.reset();
  if (std::exchange(registered_, false))
    file_->session_closed();
}

bool sql_connection::rollback() {
  if (!session_)
    return false;
  try {
    if (where_.kind == database_kind::postgresql
            ? PQtransactionStatus(postgresql(*session_)) != PQTRANS_IDLE
            : !sqlite_api::sqlite3_get_autocommit(sqlite(*session_)))
      *session_ << "rollback";
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void sql_connection::check_file() const {
  if (file_ && session_)
    file_->check();
}

void sql_connection::interrupt() {
  const mutex_lock lock(mutex_);
  interrupted_ = true;
  if (socket_ >= 0)
    ::shutdown(socket_, SHUT_RDWR);
}

void sql_connection::try_other_servers_first() {
  auto* const used = postgresql(*session_);
  connection_string_ = with_server_last(connection_string_, PQhost(used), PQport(used));
}

void sql_connection::begin_call() {
  const mutex_lock lock(mutex_);
  interrupted_ = false;
}

bool sql_connection::is_lost() {
  const mutex_lock lock(mutex_);
  return !interrupted_ && socket_ >= 0 && PQstatus(postgresql(*session_)) == CONNECTION_BAD;
}

/// Returns whether the settings name a pooler, or another process answers than the one that was
/// named when the connection was made.
bool sql_connection::behind_pooler() {
  if (!where_.listen_connection_string.empty())
    return true;
  int process = 0;
  *session_ << "select pg_backend_pid()", soci::into(process);
  return process != PQbackendPID(postgresql(*session_));
}

} // namespace hubbub
