// Pages of the log, and the limits at which they end.
// Knows: the size of a row. Must not know: how rows are read.
#pragma once

#include "storage/message.hpp"

#include <cstddef>
#include <limits>
#include <vector>

namespace hubbub {

/// A page ends after `rows` rows, or after the row with which its rows have `bytes` bytes, but has
/// at least one row if there is any. A number of rows alone is a limit without bytes.
struct page_limit {
  page_limit(int most_rows, std::size_t most_bytes = std::numeric_limits<std::size_t>::max())
      : rows(most_rows), bytes(most_bytes) {}

  int rows;
  std::size_t bytes;
};

/// The bytes that a row counts in a page_limit.
inline std::size_t page_bytes(const message& m) {
  return m.text.size() + m.data.size();
}

/// The rows of a page.
struct log_page : std::vector<message> {
  using vector::vector;

  /// The page has ended because of its bytes, and the log has more rows of it. Not set by a page
  /// that has ended because of its rows.
  bool ended_early = false;
};

} // namespace hubbub
