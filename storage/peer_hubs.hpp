// The port to the other hubs on the same database, which are the peers of this hub.
// Knows: the contract. Must not know: how the hubs exchange their updates.
#pragma once

#include "storage/log.hpp"

#include <optional>

namespace hubbub {

/// The number of people in one room.
struct room_count {
  std::string room;
  std::int64_t online = 0;
};

/// What the peers have reported since the last update.
struct peer_update {
  /// The log had rows up to this id, or 0 if no peer has stored a row. It is only a hint to read
  /// the log.
  row_id newest = 0;
  bool outbox = false; ///< Applications have published by SQL.
  /// The connection to the peers is new: they know nothing of the people in this hub.
  bool reconnected = false;
  /// `peer_counts` is complete: a room that it does not name is empty in all peers.
  bool snapshot = false;
  /// Whether a hub of an older version works on the database. Empty: as reported before. The first
  /// update of a connection has it.
  std::optional<bool> older_hub_lives = {};
  /// The number of people in all peers together, for each room where it has changed.
  std::vector<room_count> peer_counts;
};

/// The connection of this hub to its peers.
///
/// Delivery: counts that are published while the connection is lost are dropped, but the first
/// update of every new connection is a snapshot. When a hub ends, cleanly or not, the peers stop
/// counting its people within seconds.
/// Threads: `publish` and `stop` may be called on any thread, `wait` on one thread at a time.
class peer_hubs {
public:
  virtual ~peer_hubs() = default;

  /// Blocks until the peers have reported something, and sends what was published meanwhile.
  /// Throws log_unavailable when the connection is lost, and the next call makes a new connection.
  virtual peer_update wait() = 0;

  /// Reports the present number of people in these rooms of this hub to all peers. Never blocks.
  virtual void publish(const std::vector<room_count>& local_counts) = 0;

  /// From this call on, `wait` throws log_shutdown at once.
  virtual void stop() = 0;
};

} // namespace hubbub
