// Questions to a database that are answered by yes or no, as which tables and columns exist.
// Knows: the catalogs of both databases. Must not know: the tables of the log.
#pragma once

#include "storage/database_url.hpp"

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// Runs a statement that returns one integer, and returns whether it is not 0. Throws what SOCI
/// throws.
bool is_true(soci::session& sql, const std::string& question);

/// Both functions look where a statement of the session would find the table. The names are those
/// of the hub itself, never values from clients. They throw what SOCI throws.
bool has_table(soci::session& sql, database_kind kind, const std::string& table);
bool has_column(soci::session& sql, database_kind kind, const std::string& table,
                const std::string& column);

} // namespace hubbub
