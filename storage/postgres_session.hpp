// What every session of a hub tells PostgreSQL about itself, so that none outlives its use.
// Knows: PostgreSQL's settings. Must not know: what the session is for.
#pragma once

#include <string>

struct pg_conn; // libpq's PGconn

namespace hubbub {

/// For a session that is the hub's own, in one trip. What hangs on the hub ends within seconds: a
/// machine that is gone without a word is noticed, and so is a connection that was closed while its
/// statement waits for a lock (PostgreSQL 14 and later, where the system can tell). A process that
/// stands still does not keep what it should read for ever, nor others from the log.
inline const std::string notice_the_dead =
    "set client_min_messages = warning;\n"
    "set tcp_keepalives_idle = 5;\nset tcp_keepalives_interval = 2;\nset tcp_keepalives_count = "
    "3;\n"
    "set tcp_user_timeout = '60s';\nset idle_in_transaction_session_timeout = '2s';\n"
    "do $$ begin perform set_config('client_connection_check_interval', '1s', false);\n"
    "exception when others then null;\nend $$";

/// A statement that waits for a lock ends by itself, before the hub would give its session up: who
/// ends the wait from outside cannot know whether by then a commit waits for a synchronous standby,
/// and that one must not be ended, for it would become visible without being safe. PostgreSQL does
/// know: this time does not run while it commits.
inline const std::string statement_time = "statement_timeout = '4500ms'";

/// Where a connection leads, for people: of several servers, the one in use.
std::string server_of(const pg_conn* connection);

} // namespace hubbub
