// A position in a log, as clients give it.
// Knows: ids of rows, names of logs. Must not know: which logs exist.
#pragma once

#include "storage/message.hpp"

#include <string>

namespace hubbub {

/// A position in a log: after the row `after` of the log named `log`.
struct position {
  row_id after = 0;
  std::string log;
};

} // namespace hubbub
