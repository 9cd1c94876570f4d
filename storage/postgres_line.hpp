// One connection to PostgreSQL, every wait of which has an end.
// Knows: libpq. Must not know: what is asked, or heard.
#pragma once

#include "storage/database_url.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

namespace hubbub {

/// A flag that poll(2) sees. From any thread.
class signal_flag {
public:
  signal_flag();
  ~signal_flag();
  signal_flag(const signal_flag&) = delete;

  void raise();
  void lower();
  int descriptor() const { return descriptor_; }

private:
  int descriptor_;
};

/// Everything throws log_unavailable when the server is lost, has not answered for five seconds, or
/// `end` is raised. After that the line is good for nothing but its destructor.
class postgres_line {
public:
  using clock = std::chrono::steady_clock;
  using rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

  struct notification {
    std::string channel, text;
    bool ours; ///< This line's own.
  };

  /// Connects to the first of several servers at `address` that answers, each within
  /// `connect_timeout`. That alone does not see `end`. `where` is told of notices; it and the flag
  /// outlive the line.
  postgres_line(const database& where, const std::string& address, const signal_flag& end);

  /// Sends a statement, with parameters $1, $2…, and waits for its last result.
  rows ask(const std::string& statement, std::initializer_list<std::string> parameters = {});

  /// Sends a statement and does not wait.
  void send(const std::string& statement);

  /// Ends what was sent, if it is still under way.
  void cancel();

  /// Whether the answer to `send` is there, and it was a success or cancelled.
  bool answered();

  /// What was heard, one after the other, without waiting.
  std::optional<notification> heard();

  int socket() const { return PQsocket(line_.get()); }

  /// Asks for the process that serves it. A pooler tells another one when the line is made, and may
  /// change it with every transaction.
  int backend();

  /// Whether a pooler is in between: as far as the last `backend` can tell.
  bool pooled() const { return backend_ != PQbackendPID(line_.get()); }

private:
  void wait_for(short events, clock::time_point until);
  void expect(bool good);
  void read();

  std::unique_ptr<PGconn, decltype(&PQfinish)> line_;
  const signal_flag& end_;
  int backend_ = 0;
};

/// Whether two lines to one address share the processes that serve them, as those of a pooler do
/// that gives them away by the transaction. Changes nothing. `log_unavailable` if it cannot be
/// seen.
bool share_backends(postgres_line& one, postgres_line& other);

} // namespace hubbub
