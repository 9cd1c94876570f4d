// The hub: all actors of one process, and the interface by which net uses them.
// Knows: which actors there are and how they start and stop. Must not know: sockets, SQL.
#pragma once

#include "actors/connection.hpp"
#include "actors/health.hpp"
#include "actors/memory_budget.hpp"
#include "actors/publisher.hpp"
#include "actors/search_state.hpp"
#include "actors/watchdog.hpp"
#include "storage/search_index.hpp"

namespace hubbub {

struct hub_settings {
  log_factory make_log;
  std::shared_ptr<peer_hubs> peers = {}; ///< Null if no other hub can use the database.
  double rate = 20;                      ///< Frames per second of one connection. 0: no limit.
  std::size_t max_rooms = 100;           ///< Subscriptions of one connection.
  std::size_t max_data = 8192;           ///< Bytes of the data of one message.
  std::size_t outbox_limit = 262144;     ///< The bound of one delivery to a session.
  std::int64_t ingress_limit = 32 << 20; ///< Bytes that are accepted and not yet shown.
  std::size_t workers = 2;               ///< Threads for actors that do not block.
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
  /// The index for searches. Null: messages cannot be searched.
  std::shared_ptr<search_index> index = {};
  /// The I/O threads, for the health report.
  std::vector<std::shared_ptr<const heartbeat>> threads = {};
};

/// Threads: all calls may come from any thread, except the constructor and the destructor.
/// Lifetime: the session sinks outlive the hub; see session_sink. Invariant: all members are
/// constant after construction, except the numbers that `history_requests_` and `searches_` point
/// to.
class hub {
public:
  /// Throws std::system_error if not all threads can be made. Nothing may catch this exception:
  /// unwinding would destroy objects of CAF that other threads use. So call it on a thread without
  /// any handler, where the exception ends the process at once.
  explicit hub(hub_settings settings);

  /// Ends the actors and waits for them. An actor whose call of the log is in flight ends after
  /// that call, so a database that hangs blocks the destructor.
  ~hub();

  /// Makes a connection actor, which asks at once for its `init`.
  connection_actor connect(connection_params params);

  /// Calls back within a second, on the health actor's thread. The callback is not called if the
  /// health actor itself is stalled.
  void check_health(std::function<void(const health_report&)> answer);

  /// Calls back with the page, on a thread of the actors. Calls back with null if the log is
  /// unavailable, or at once, on the caller's thread, if too many requests wait already. A request
  /// with a search needs the status `ready`; searches have a bound of their own.
  void request_page(page_request what, std::function<void(const page&)> answer);

  /// Publishes messages; see publish_request. The body is read on a thread of the actors.
  void publish(publish_request what);

  /// Returns whether `request_page` takes searches.
  search_status searching() const { return search_->status(); }

  /// Calls back on a thread of the actors.
  void request_room_stats(std::function<void(const room_stats&)> answer);

  /// Drops caches, because memory is short.
  void shed();

  /// Blocks until every accepted message is stored and handed to the sinks. Returns false if that
  /// takes longer than `at_most`.
  bool drain(std::chrono::milliseconds at_most);

  ingress_budget& ingress() { return *ingress_; }
  const memory_budget& memory() const { return *memory_; }
  hub_counters& counters() const { return *counters_; }

private:
  struct config : caf::actor_system_config {
    explicit config(std::size_t workers);
  };

  config config_;
  std::shared_ptr<std::atomic<int>> history_requests_ = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<int>> searches_ = std::make_shared<std::atomic<int>>(0);
  caf::actor_system system_;
  std::shared_ptr<ingress_budget> ingress_;
  std::shared_ptr<hub_counters> counters_;
  std::shared_ptr<inflight_calls> calls_;
  watchdog_actor watchdog_;
  log_factory make_log_;
  history_actor history_;
  history_actor archive_; ///< Serves request_page, so that these requests delay no session.
  std::shared_ptr<search_state> search_;
  std::shared_ptr<search_index> index_;
  indexer_actor indexer_;  ///< Makes index_. Not spawned if index_ is null.
  history_actor searcher_; ///< Serves searches. Not spawned if index_ is null.
  broadcaster_actor broadcaster_;
  persistence_actor persistence_;
  prober_actor prober_;
  health_actor health_;
  std::shared_ptr<peer_hubs> peers_;
  std::shared_ptr<memory_budget> memory_;
  outbox_mover_actor outbox_; ///< Not spawned if peers_ is null.
  listener_actor listener_;   ///< Reads from peers_. Not spawned if peers_ is null.
  std::shared_ptr<const hub_context> context_;
};

} // namespace hubbub
