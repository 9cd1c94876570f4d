// What PostgreSQL's server says beside its answers.
// Knows: libpq. Must not know: who is told.
#pragma once

#include "storage/database_url.hpp"

#include <libpq-fe.h>

namespace hubbub {

/// From now on `where.notice` is told, instead of standard error. `where` outlives the connection.
void hear_notices(PGconn* connection, const database& where);

} // namespace hubbub
