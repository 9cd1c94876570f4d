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
extern const char* const session_settings;

/// The timeout of a statement, which is shorter than the time after which the hub gives the session
/// up. A statement that waits for a lock therefore ends by itself. If the hub cancelled it, the
/// session might by then wait for a synchronous standby in its commit, and a cancelled commit
/// becomes visible without being replicated. PostgreSQL does not apply this timeout to a commit.
extern const char* const statement_timeout_setting;

/// Returns the host and port of the server that a connection uses, as text for people.
std::string server_of(const pg_conn* connection);

} // namespace hubbub
