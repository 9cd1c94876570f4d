// Questions to the catalog of a database: which tables and columns exist.
// Knows: the catalogs of both databases. Must not know: the tables of the log.
#pragma once

#include "storage/database_url.hpp"

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// Both functions look where a statement of the session would find the table. The names are those
/// of the hub itself, never values from clients. They throw what SOCI throws.
bool has_table(soci::session& sql, database_kind kind, const std::string& table);
bool has_column(soci::session& sql, database_kind kind, const std::string& table,
                const std::string& column);

} // namespace hubbub
