// The columns of `messages` and `hubbub_hubs` that a release has added to those of the first one.
// Knows: their names, and how a table that hubs work on gets them. Must not know: the other parts
// of the schema.
#pragma once

#include "storage/database_url.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace soci {
class session;
}

namespace hubbub {

/// The advisory lock of a session of PostgreSQL that changes the tables. It is not the append lock
/// of the dialect: a hub that appends does not wait for one that starts.
inline constexpr std::int64_t schema_lock_key = 7526466502384809313;

/// Returns which of the later columns the table does not have. All may be null, so an older hub
/// works beside them.
std::vector<std::string> missing_columns(soci::session& sql, database_kind kind);

/// Adds the columns that are missing, inside a transaction of the caller. PostgreSQL keeps
/// everybody from the table until the transaction ends.
void add_later_columns(soci::session& sql, database_kind kind);

/// Adds the columns of `hubbub_hubs` that an older hubbub does not have, in a transaction of its
/// own, because it may wait for older hubs. Returns a sentence for the operator if the role may not
/// do it and the hub can go on, or an empty text.
std::string add_hub_columns(soci::session& sql);

/// Adds the columns to a table of PostgreSQL that older hubs work on, with little delay for them.
///
/// A statement that changes a table waits until all transactions that have read the table end, and
/// everybody else waits behind that statement. So it gives up after two seconds. The next try
/// follows after a pause, which is longer after each try: from one second up to half a minute. An
/// append waits at most two seconds, and between two tries nothing waits. One hub at a time tries.
class column_migration {
public:
  /// Throws log_unavailable during a pause.
  void check_pause() const;

  /// Returns when the columns are there. Throws log_unavailable if it has given up, if another hub
  /// tries at this moment, and if the role of the hub may not change the table.
  void run(soci::session& sql);

private:
  using clock = std::chrono::steady_clock;

  std::chrono::seconds pause_{1};
  clock::time_point next_try_{};
};

} // namespace hubbub
