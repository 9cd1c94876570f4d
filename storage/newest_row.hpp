// The newest row among those that a call of the log has stored or read.
// Knows: pages and receipts. Must not know: what the row is compared with.
#pragma once

#include "storage/log.hpp"
#include "storage/log_lineage.hpp"

#include <span>

namespace hubbub {

inline seen_row seen_row_of(const message& m) {
  return {m.id, m.connection_id, m.user_message_number};
}

/// Returns the newest row of pages, or no row.
inline seen_row newest_of(std::span<const log_page> pages) {
  seen_row out;
  for (const auto& page : pages)
    if (!page.empty() && page.back().id > out.id)
      out = seen_row_of(page.back());
  return out;
}

inline seen_row newest_of(const log_page& page) {
  return newest_of({&page, 1});
}

/// Returns the newest row that an append has stored, or no row.
inline seen_row newest_of(std::span<const receipt> receipts) {
  seen_row out;
  for (const auto& r : receipts)
    if (r.result == append_result::stored && r.id > out.id)
      out = {r.id, r.author_id, r.number};
  return out;
}

} // namespace hubbub
