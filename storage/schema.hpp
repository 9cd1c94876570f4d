// The tables of the log: made on first use, widened where the old chat left narrower ones.
// Knows: DDL of both dialects. Must not know: who reads or writes the rows.
#pragma once

#include "storage/database_url.hpp"

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// What this hubbub makes, and the newest that it knows.
inline constexpr int schema_version = 1;

/// Brings `messages` and `hubbub_meta` to the newest schema in one transaction and returns the
/// log's identity. Rows are kept, all of them. Where nothing is to do, only two rows are read, so a
/// role without rights on the schema will do. Safe to call from many processes at once.
std::string prepare_schema(soci::session& sql, database_kind kind);

/// Its two parts: whether nothing is to do, and doing it, within a transaction of the caller's.
bool schema_is_made(soci::session& sql, database_kind kind);
void make_schema(soci::session& sql, database_kind kind);

} // namespace hubbub
