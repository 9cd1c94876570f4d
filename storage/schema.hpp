// The tables of the log, which are created on first use or migrated from those of the old chat.
// Knows: the DDL of both dialects. Must not know: the readers and writers of the rows.
#pragma once

#include "storage/database_url.hpp"

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// The version of the schema that this hubbub creates, and the newest that it can use.
inline constexpr int schema_version = 1;

/// Brings `messages` and `hubbub_meta` to the newest schema in one transaction and returns the
/// identity of the log. All rows are kept. If the schema is current, the function only reads, so
/// the role needs no rights on the schema. Any number of processes may call it at once. Throws what
/// SOCI throws, and std::runtime_error if the schema is that of a newer hubbub.
std::string prepare_schema(soci::session& sql, database_kind kind);

/// Returns whether the database has a log, of this or of an older hubbub.
bool has_log(soci::session& sql, database_kind kind);

/// Returns whether the schema is current. It is the first part of prepare_schema.
bool schema_is_current(soci::session& sql, database_kind kind);

/// Creates or migrates the tables inside a transaction of the caller. It is the second part of
/// prepare_schema.
void create_schema(soci::session& sql, database_kind kind);

} // namespace hubbub
