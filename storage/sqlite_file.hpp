// The file of a SQLite log, watched while it is open: SQLite itself goes on writing to a file that
// was deleted, and what it writes there is lost.
// Knows: where the file and those beside it are. Must not know: what is in them.
#pragma once

#include "storage/database_url.hpp"
#include "storage/log.hpp"

#include <sys/types.h>

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hubbub {

/// Shared by all sessions of this process on one file. Its calls may come from any thread; those
/// that throw, throw log_file_lost.
class sqlite_file {
public:
  explicit sqlite_file(std::string name);
  sqlite_file(const sqlite_file&) = delete;

  /// To be called before a session opens the file. SQLite makes a file that is not there, which is
  /// allowed with `may_create` alone, and only the first time. Throws if the file, or one that
  /// SQLite keeps beside it, is not the one that was opened before.
  void before_opening(bool may_create) const;

  /// A session has opened the file, and read from it. To be followed by `session_closed`.
  void session_opened();
  void session_closed();

  /// Throws if the file, or one that SQLite keeps beside it, is not the one that is open. Costs
  /// three stat(2).
  void check() const;

  /// After the last session: brings all that is stored into the file itself, so that a copy of it
  /// alone is whole. False: another program keeps it from that; it tries for half a second.
  bool checkpoint() const;

private:
  struct identity {
    dev_t device;
    ino_t number;
    bool operator==(const identity&) const = default;
  };
  static std::optional<identity> identify(const std::string& name);
  void check_main_file() const;
  void check_companions() const;

  const std::string name_, display_name_;
  mutable std::mutex mutex_;
  std::optional<identity> main_identity_; ///< Guarded by the mutex, as is all below.
  std::array<std::optional<identity>, 2> companion_identities_; ///< The -wal and -shm of `target_`.
  std::string target_;                                          ///< Where links lead.
  int sessions_ = 0;
};

/// Null for PostgreSQL.
std::shared_ptr<sqlite_file> make_sqlite_file(const database& where);

} // namespace hubbub
