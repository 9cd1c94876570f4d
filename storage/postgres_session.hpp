// The settings of every PostgreSQL session of a hub, so that no session outlives its use.
// Knows: the settings of PostgreSQL. Must not know: the purpose of a session.
#pragma once

#include <string>

struct pg_conn; // libpq's PGconn

namespace hubbub {

/// Statements for a session that belongs to the hub alone, to be sent in one round trip. They make
/// the server end a session within seconds when the hub's machine has disappeared, or when the
/// connection was closed while its statement waits for a lock (PostgreSQL 14 and later, where the
/// operating system reports it). The session of a process that has stopped ends too: the server
/// drops results that are not read for a minute and transactions that are idle for two seconds.
inline const std::string session_settings =
    "set client_min_messages = warning;\n"
    "set tcp_keepalives_idle = 5;\nset tcp_keepalives_interval = 2;\nset tcp_keepalives_count = "
    "3;\n"
    "set tcp_user_timeout = '60s';\nset idle_in_transaction_session_timeout = '2s';\n"
    "do $$ begin perform set_config('client_connection_check_interval', '1s', false);\n"
    "exception when others then null;\nend $$";

/// The timeout of a statement, which is shorter than the time after which the hub gives the session
/// up. A statement that waits for a lock therefore ends by itself. If the hub cancelled it, the
/// session might by then wait for a synchronous standby in its commit, and a cancelled commit
/// becomes visible without being replicated. PostgreSQL does not apply this timeout to a commit.
inline const std::string statement_timeout_setting = "statement_timeout = '4500ms'";

/// Returns the host and port of the server that a connection uses, as text for people.
std::string server_of(const pg_conn* connection);

} // namespace hubbub
