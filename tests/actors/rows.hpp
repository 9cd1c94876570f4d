// Rows of a log, made up by tests.
// Knows: rows. Must not know: databases, actors.
#pragma once

#include "storage/log_page.hpp"

#include <vector>

namespace test {

using namespace hubbub;

/// Returns rows of the room "lobby" with the ids from `first` to `last`.
inline std::vector<message> rows_between(row_id first, row_id last, const std::string& text = "a") {
  std::vector<message> out;
  for (; first <= last; ++first) {
    message m;
    m.id = first;
    m.room = "lobby";
    m.text = text;
    out.push_back(std::move(m));
  }
  return out;
}

inline log_page page_of(const std::vector<message>& rows) {
  return log_page(rows.begin(), rows.end());
}

inline std::vector<const message*> pointers_to(const std::vector<message>& rows) {
  std::vector<const message*> out;
  for (const auto& row : rows)
    out.push_back(&row);
  return out;
}

} // namespace test
