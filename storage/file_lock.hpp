// The lock by which one process alone uses a SQLite database.
// Knows: flock(2) and the file beside the database. Must not know: the content of the database.
#pragma once

#include "storage/database_url.hpp"

namespace hubbub {

/// Holds an exclusive flock(2) on a file beside the database for its lifetime, so that no second
/// process can lock the same database. The kernel releases the lock when the process ends in any
/// way. The database file itself is not opened, because closing it would release the locks that
/// SQLite holds on it. For PostgreSQL the object does nothing.
class file_lock {
public:
  /// Throws std::runtime_error, with one sentence for the operator, if another process holds the
  /// lock or the lock file cannot be opened. Never waits.
  explicit file_lock(const database& on);
  ~file_lock();
  file_lock(const file_lock&) = delete;

  /// Returns whether the lock file exists. It stays after the lock is released, so this says
  /// whether a process has ever locked the database.
  static bool exists_for(const database& on);

private:
  int file_ = -1;
};

} // namespace hubbub
