// The notices of PostgreSQL: what the server reports beside the results of statements.
// Knows: libpq. Must not know: the receiver of a notice.
#pragma once

#include "storage/database_url.hpp"

#include <libpq-fe.h>

namespace hubbub {

/// Passes the notices of this connection to `where.on_notice`, on the thread that uses the
/// connection, instead of printing them to standard error. `where` outlives the connection.
void forward_notices(PGconn* connection, const database& where);

} // namespace hubbub
