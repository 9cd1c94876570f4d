// The full-text index that a search needs, made beside the hub's other work.
// Knows: the order of the statements. Must not know: actors, when a step is due.
#pragma once

#include "storage/database_url.hpp"
#include "storage/sqlite_file.hpp"

#include <memory>

namespace hubbub {

/// What `search_index::step` has left to do.
enum class index_progress {
  done,    ///< Nothing: the index is ready.
  working, ///< Another step, soon.
  waiting, ///< The database has no log yet, or another hub makes the index: a step after a while.
};

/// Makes the index of a log in steps.
///
/// For PostgreSQL a step may last for minutes. It blocks no insert and no other hub: the index is
/// built concurrently, by one hub at a time. An index that a crash has left unfinished is made
/// again. For SQLite a step adds some rows, in a transaction of a few hundredths of a second.
/// Threads: one thread at a time, except for `stop`.
class search_index {
public:
  virtual ~search_index() = default;

  /// Does one step. The step before a long one only announces it by `working`. Throws
  /// log_unavailable with a reason that contains no message.
  virtual index_progress step() = 0;

  /// Closes the connection to the database. The next step connects again.
  virtual void close() = 0;

  /// Makes all further steps throw log_shutdown, and one that waits for PostgreSQL fail soon. Any
  /// thread may call it.
  virtual void stop() = 0;
};

/// Returns the object that makes the index. `file` is null for PostgreSQL.
std::unique_ptr<search_index> make_search_index(const database& where,
                                                std::shared_ptr<sqlite_file> file);

/// Removes the index of a SQLite file, so that it no longer costs anything. Must be called before
/// the log is used. If the file cannot be used now, nothing is removed. For PostgreSQL the function
/// does nothing, because other hubs may need the index.
void remove_search_index(const database& where);

} // namespace hubbub
