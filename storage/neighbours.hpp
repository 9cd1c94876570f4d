// The port to the other hubs on the same database: what one hears of them, and tells them.
// Knows: the contract. Must not know: how word gets around.
#pragma once

#include "storage/log.hpp"

namespace hubbub {

/// How many people are in a room.
struct room_count {
  std::string room;
  std::int64_t online = 0;
};

/// What was heard since the last time.
struct tidings {
  row_id newest = 0;  ///< The log had rows up to this id; 0: nothing new. Only a hint to read on.
  bool begun = false; ///< The line is new: the others know nothing of this hub's people.
  bool whole = false; ///< `elsewhere` is all there is: rooms not in it are empty there.
  std::vector<room_count> elsewhere; ///< People in all other hubs together, of rooms that changed.
};

/// A line to all other hubs on one database. What is told while there is no line is never heard
/// again, but every new line begins with tidings of how things stand. A hub that ends, in whatever
/// way, is out of the others' counts within seconds.
class neighbours {
public:
  virtual ~neighbours() = default;

  /// Blocks until there is something to tell, and meanwhile tells the others what is to be told. By
  /// one thread at a time. Throws log_unavailable when the line is lost; the next call makes a new
  /// one.
  virtual tidings wait() = 0;

  /// For all others: how many are in these rooms here, from now on. From any thread; never blocks.
  virtual void tell(const std::vector<room_count>& here) = 0;

  /// From now on `wait` throws at once. From any thread.
  virtual void end() = 0;
};

} // namespace hubbub
