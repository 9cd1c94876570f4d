// A dry run of everything that a hub does with its database.
// Knows: the tables, both dialects. Must not know: the user of the result.
#pragma once

#include "storage/database_url.hpp"

#include <optional>
#include <string>

namespace soci {
class session;
}

namespace hubbub {

struct dry_run_failure {
  std::string reason; ///< The message of the database, in one line.
  std::string remedy; ///< What the operator should do.
};

/// Creates the tables where they are missing, stores a message and reads it back, all in one
/// transaction that is rolled back. Takes no id from the log. For at most ten seconds the
/// transaction holds the append lock, so no hub can store a message, and the locks that the first
/// start of a hub takes. Returns nothing if a hub can use the database.
std::optional<dry_run_failure> dry_run_database(soci::session& sql, const database& where);

} // namespace hubbub
