// The SOCI backends of the two databases, and their native connections.
// Knows: SOCI's backends. Must not know: the purpose of a session.
#pragma once

#include "storage/database_url.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace hubbub {

inline const soci::backend_factory& backend_of(database_kind kind) {
  return kind == database_kind::sqlite
             ? static_cast<const soci::backend_factory&>(*soci::factory_sqlite3())
             : *soci::factory_postgresql();
}

/// Returns the native connection of a session of this kind. The session owns it.
inline PGconn* postgresql(soci::session& of) {
  return static_cast<soci::postgresql_session_backend*>(of.get_backend())->conn_;
}

inline sqlite_api::sqlite3* sqlite(soci::session& of) {
  return static_cast<soci::sqlite3_session_backend*>(of.get_backend())->conn_;
}

} // namespace hubbub
