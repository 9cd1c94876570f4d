// What one hub has seen of its log, shared by all sessions that the hub has in the database.
// Knows: ids, forks, timelines. Must not know: SQL, how a session is closed.
#pragma once

#include "storage/log.hpp"
#include "storage/thread_safety.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hubbub {

/// The place of a PostgreSQL server in the history of its data. Both parts are empty where the
/// server does not tell, and for SQLite.
struct server_timeline {
  std::string system;   ///< The identifier of the cluster, which a standby shares.
  std::string timeline; ///< Eight hexadecimal digits. Each promotion gives a greater one.

  bool known() const { return !system.empty() && !timeline.empty(); }
  bool operator==(const server_timeline&) const = default;
};

/// Returns the error of a session that leads to this server, which is an old primary.
log_unavailable old_primary_error(const server_timeline& server);

/// A row, as far as it identifies the message.
struct seen_row {
  row_id id = 0; ///< 0: no row.
  uuid author_id{};
  std::int32_t number = 0;

  bool operator==(const seen_row&) const = default;
};

/// The state of the log at the last `log::open`. An empty identity: the log was not opened yet.
struct log_state {
  std::string identity;
  std::string fork_record;     ///< As `hubbub_meta` has it.
  std::vector<log_fork> forks; ///< The same, the oldest first.
  server_timeline server;
  seen_row newest; ///< The newest row. Grows with every row that this hub stores or reads.
};

/// Threads: all calls may come from any thread. Lifetime: shared by the sessions. The callbacks are
/// called while the object is locked, so they must not call it.
class log_lineage {
public:
  /// Returns the state, with the newest row that any session of this hub has seen.
  log_state state() const;

  /// The newest row that any session of this hub has seen.
  seen_row newest_seen() const;

  /// The last id that the last fork has skipped, or 0.
  row_id skipped() const;

  /// Grows with every change of the forks, the server or the identity, and when a server with a
  /// greater timeline is seen. A session that was opened under a smaller generation may lead to a
  /// server with lost rows, and must be closed.
  std::uint64_t generation() const { return generation_; }

  /// Records what `open` has found, and returns the generation from then on. If the generation
  /// grows, all callbacks but that of `by` are called, except at the first `open`.
  std::uint64_t update(log_state now, const void* by);

  /// Records a row that was stored or read by a session of this generation. Rows that a session of
  /// an earlier generation has read may be lost, and change nothing.
  void saw(std::uint64_t generation, const seen_row& row);

  /// Returns whether another server of this cluster with a greater timeline was seen. Otherwise
  /// this timeline is the greatest from now on, and if another one was before, the generation grows
  /// and all callbacks but that of `by` are called.
  bool is_old_primary(const server_timeline& server, const void* by);

  /// Registers the callback of the session `who`, until `remove(who)`.
  void add(const void* who, std::function<void()> on_change);
  void remove(const void* who);

private:
  void call_all_but(const void* by) HUBBUB_REQUIRES(mutex_);

  mutable annotated_mutex mutex_;
  log_state state_ HUBBUB_GUARDED_BY(mutex_);
  std::map<std::string, std::string> timelines_ HUBBUB_GUARDED_BY(mutex_); ///< Of each cluster.
  std::map<const void*, std::function<void()>> callbacks_ HUBBUB_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> generation_ = 0; ///< Changed only with the mutex.
};

} // namespace hubbub
