// The tables of the log, which are created on first use or migrated from those of the old chat.
// Knows: the DDL of both dialects. Must not know: the readers and writers of the rows.
#pragma once

#include "storage/database_url.hpp"
#include "storage/later_columns.hpp"

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// The version of the schema that this hubbub creates, and the newest that it can use.
inline constexpr int schema_version = 1;

/// The result of prepare_schema.
struct prepared_schema {
  std::string log;         ///< The identity of the log.
  std::string notice = {}; ///< A sentence for the operator, or empty.
};

/// Brings the tables to the newest schema. All rows are kept. If the schema is current, the
/// function only reads, so the role needs no rights on the schema. Any number of processes may call
/// it at once.
///
/// A new log is created, and that of the old chat is taken over, in one transaction, because no hub
/// works on those tables yet. A log that hubs work on only gets columns that may be null; see
/// column_migration. Throws what SOCI throws, log_unavailable if the function has to be called
/// again later, and std::runtime_error if the schema is that of a newer hubbub.
prepared_schema prepare_schema(soci::session& sql, database_kind kind, column_migration& migration);

/// Returns whether the database has a log, of this or of an older hubbub.
bool has_log(soci::session& sql, database_kind kind);

/// Returns whether the tables of messages need no change.
bool schema_is_current(soci::session& sql, database_kind kind);

/// Creates or migrates the tables inside a transaction of the caller. Hubs wait for the end of the
/// transaction.
void create_schema(soci::session& sql, database_kind kind);

} // namespace hubbub
