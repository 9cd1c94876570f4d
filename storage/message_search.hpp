// The search for messages by their words.
// Knows: how the full-text index is asked in bounded time. Must not know: how the index is made.
#pragma once

#include "storage/database_url.hpp"
#include "storage/message.hpp"

#include <string>
#include <vector>

namespace soci {
class session;
}

namespace hubbub {

/// Returns the ids of the newest `limit` rows of a room that have all words of `text` and ids under
/// `bound`, the newest first. Returns nothing for a text without words. With `named` the statements
/// are prepared by the server; see statements. Throws search_failed if the index is missing, or the
/// search takes longer than about three seconds, else what SOCI throws.
std::vector<row_id> find_messages(soci::session& sql, database_kind kind, bool named,
                                  const std::string& room, const std::string& text, row_id bound,
                                  int limit);

} // namespace hubbub
