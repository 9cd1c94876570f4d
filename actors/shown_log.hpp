// What this hub has shown of the log.
// Knows: the name of the log, its forks, and the last id that was shown. Must not know: the rows.
#pragma once

#include "storage/log.hpp"

#include <string>
#include <vector>

namespace hubbub {

/// Belongs to the broadcaster; its parts read it.
struct shown_log {
  std::string name;                 ///< The name of the log. Empty until the log is open.
  row_id head = 0;                  ///< Every row up to this id is shown, and no row after it.
  std::vector<log_fork> forks = {}; ///< All known ones, the oldest first.
};

} // namespace hubbub
