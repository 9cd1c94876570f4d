// All that a hub does with its database, tried and taken back.
// Knows: the tables, both dialects. Must not know: who wants to know.
#pragma once

#include "storage/database_url.hpp"

#include <optional>
#include <string>

namespace soci {
class session;
}

namespace hubbub {

struct trial_failure {
  std::string why;  ///< In the database's words, of one line.
  std::string todo; ///< For the operator.
};

/// Makes the tables where they are missing, stores a message and reads it back, in one transaction
/// that is rolled back; takes no id from the log. Holds the right to append, and the locks of the
/// first start, for as long as that takes: ten seconds at most. Nothing: a hub can do all this.
std::optional<trial_failure> try_database(soci::session& sql, const database& where);

} // namespace hubbub
