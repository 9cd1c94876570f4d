// What this hub has shown of the log.
// Knows: the name of the log, and the last id that was shown. Must not know: the rows.
#pragma once

#include "storage/message.hpp"

#include <string>

namespace hubbub {

/// Belongs to the broadcaster; its parts read it.
struct shown_log {
  std::string name; ///< The name of the log. Empty until the log is open.
  row_id head = 0;  ///< Every row up to this id is shown, and no row after it.
};

} // namespace hubbub
