// What is asked of history: rows of rooms, and their number.
// Knows: names of rooms, ids. Must not know: which actor answers, CAF.
#pragma once

#include "storage/log_page.hpp"
#include "storage/message.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// The bytes of texts and data with which a page for a client ends.
inline constexpr std::size_t client_page_bytes = 512 * 1024;

/// Asks for rows of one room: the newest with ids under `before`, and with all words of `search` if
/// there is one; or without `before` the oldest from the first row at or after `at`; or without
/// both the oldest with ids over `after`.
struct page_request {
  std::string room;
  std::optional<row_id> before;
  row_id after = 0;
  int limit = 0;
  std::size_t bytes = client_page_bytes; ///< See page_limit.
  std::optional<instant> at = {};
  std::optional<std::string> search = {}; ///< Needs `before`. Has a word, and is valid UTF-8.
};

/// Asks for the number of rows of one room with ids over `after` and up to `last`, but at most
/// resume_limit::max_count.
struct count_request {
  std::string room;
  row_id after = 0, last = 0;
};

/// Asks for the newest rows of each of these rooms with ids under `before`. `limit` is for each
/// room, and its page has at most client_page_bytes.
struct rooms_request {
  std::vector<std::string> rooms;
  row_id before = 0;
  int limit = 0;
  std::size_t total_bytes = 0; ///< The rooms behind the one that reaches this get no page.
};
using page = std::shared_ptr<const log_page>;

/// Pages of the first rooms of a rooms_request.
using first_pages = std::shared_ptr<const std::vector<log_page>>;

} // namespace hubbub
