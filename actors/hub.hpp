// The actors of one process, put together: how the gateway sees them.
// Knows: which actors there are and how they start and stop. Must not know: sockets, SQL.
#pragma once

#include "actors/connection.hpp"
#include "actors/health.hpp"
#include "actors/memory_budget.hpp"
#include "actors/watchdog.hpp"

namespace hubbub {

struct hub_settings {
  log_factory make_log;
  std::shared_ptr<peer_hubs> peers;      ///< Null if no other hub can use the database.
  double rate = 20;                      ///< Frames a second a connection, 0 for no limit.
  std::size_t outbox_limit = 262144;     ///< Bytes that one session may be behind.
  std::int64_t ingress_limit = 32 << 20; ///< Bytes that are accepted and not yet shown.
  std::size_t workers = 2;               ///< Threads for actors that do not block.
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
  std::vector<std::shared_ptr<const heartbeat>> threads =
      {}; ///< Of others, which health counts in.
};

class hub {
public:
  /// Throws std::system_error where not all threads can be made. Nothing may catch that: unwinding
  /// would destroy what CAF has made beside threads that use it. So it is to be called on a thread
  /// without any handler, where an exception ends the process at once.
  explicit hub(hub_settings settings);

  /// Waits for the actors that do not wait for the database; a database that hangs keeps it.
  ~hub();

  /// A new connection actor, which asks at once for its `init`. Any thread.
  connection_actor connect(connection_params params);

  /// Calls back within a second with all that is wrong; not at all only if the health actor itself
  /// is stalled. Any thread; the call comes on the health actor's.
  void check_health(std::function<void(const health_report&)> answer);

  /// Calls back with the page, or with nothing: the database cannot be asked, or too many wait
  /// already (then at once). Any thread; the call comes on one of the actors' threads.
  void request_page(page_request what, std::function<void(const page&)> answer);

  /// Calls back with where the hub stands and who is in it. Any thread; the call comes on one of
  /// the actors' threads.
  void request_room_stats(std::function<void(const room_stats&)> answer);

  /// Memory is short: what is only kept to be at hand goes. Any thread.
  void shed();

  /// Blocks until all that was handed over is stored and with the sinks. False: not within that
  /// time.
  bool drain(std::chrono::milliseconds at_most);

  ingress_budget& ingress() { return *ingress_; }
  const memory_budget& memory() const { return *memory_; }
  const hub_counters& counters() const { return *counters_; }

private:
  struct config : caf::actor_system_config {
    explicit config(std::size_t workers);
  };

  config config_;
  std::shared_ptr<std::atomic<int>> history_requests_ = std::make_shared<std::atomic<int>>(0);
  caf::actor_system system_;
  std::shared_ptr<ingress_budget> ingress_;
  std::shared_ptr<hub_counters> counters_;
  std::shared_ptr<inflight_calls> calls_;
  watchdog_actor watchdog_;
  log_factory make_log_;
  history_actor history_;
  history_actor
      archive_; ///< For request_page, so that who leafs through the past keeps nobody else.
  broadcaster_actor broadcaster_;
  persistence_actor persistence_;
  prober_actor prober_;
  health_actor health_;
  std::shared_ptr<peer_hubs> peers_;
  std::shared_ptr<memory_budget> memory_;
  listener_actor listener_; ///< Reads from peers_; not spawned if that is null.
  std::shared_ptr<const hub_context> context_;
};

} // namespace hubbub
