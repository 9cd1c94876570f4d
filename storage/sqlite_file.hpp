// The file of a SQLite log, which is watched while it is open: SQLite keeps writing to a file that
// was deleted, and these rows are lost.
// Knows: the names and inodes of the file and its companions. Must not know: their content.
#pragma once

#include "storage/database_url.hpp"
#include "storage/log.hpp"
#include "storage/thread_safety.hpp"

#include <sys/types.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace hubbub {

/// The main file of a SQLite database and its companions, which are the -wal and the -shm file.
///
/// Threads: any thread may call every function.
/// Lifetime: all sessions of this process on one file share the object.
/// Invariant: the stored device and inode numbers are those of the files that the sessions have
/// open.
/// Errors: the functions that throw, throw log_file_lost.
class sqlite_file {
public:
  explicit sqlite_file(std::string name);
  sqlite_file(const sqlite_file&) = delete;

  /// Must be called before a session opens the file. SQLite creates a missing file, so this throws
  /// for one, unless `may_create` is true and no session has opened the file before. Throws if the
  /// main file or a companion is not the one that was opened before.
  void before_opening(bool may_create) const;

  /// Must be called after a session has opened the file and has read from it. Each call is followed
  /// by one call of `session_closed`.
  void session_opened();
  void session_closed();

  /// Throws if the main file or a companion is not the one that is open. Costs three stat(2).
  void check() const;

  /// Brings all rows from the -wal file into the main file, so that a copy of the main file alone
  /// is complete. Must be called after the last session has closed. Returns false if another
  /// program prevents it for half a second.
  bool checkpoint() const;

private:
  struct identity {
    dev_t device;
    ino_t number;
    bool operator==(const identity&) const = default;
  };
  static std::optional<identity> identify(const std::string& name);
  void check_main_file() const HUBBUB_REQUIRES(mutex_);
  void check_companions() const HUBBUB_REQUIRES(mutex_);

  const std::string name_, display_name_;

  mutable annotated_mutex mutex_;
  std::optional<identity> main_identity_ HUBBUB_GUARDED_BY(mutex_);
  std::array<std::optional<identity>, 2> companion_identities_ HUBBUB_GUARDED_BY(mutex_);
  std::string target_ HUBBUB_GUARDED_BY(mutex_); ///< The main file, with all links resolved.
  int sessions_ HUBBUB_GUARDED_BY(mutex_) = 0;   ///< The number of open sessions.
};

/// Returns null for PostgreSQL.
std::shared_ptr<sqlite_file> make_sqlite_file(const database& where);

} // namespace hubbub
