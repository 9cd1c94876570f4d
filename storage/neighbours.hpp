// The port to the other hubs on the same database: what one hears of them.
// Knows: the contract. Must not know: how word gets around.
#pragma once

#include "storage/log.hpp"

namespace hubbub {

/// What was heard since the last time.
struct tidings {
  row_id newest = 0; ///< The log had rows up to this id; 0: nothing new. Only a hint to read on.
};

/// A line to all other hubs on one database. What is told while there is no line is never heard
/// again, but every new line begins with tidings of how things stand.
class neighbours {
public:
  virtual ~neighbours() = default;

  /// Blocks until there is something to tell. By one thread at a time. Throws log_unavailable when
  /// the line is lost; the next call makes a new one.
  virtual tidings wait() = 0;

  /// From now on `wait` throws at once. From any thread.
  virtual void end() = 0;
};

} // namespace hubbub
