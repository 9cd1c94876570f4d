// Injects faults into the hubs and their database, on a schedule from a seed, and undoes each of
// them. Knows each fault and what the hubs promise during it; must not know what clients send or
// receive, except when a new message was last shown.
#pragma once

#include "tests/torture/propagation_probe.hpp"
#include "tests/torture/shared_state.hpp"

#include <functional>

namespace torture {

/// Threads: only the thread that made the testbed, which is the parent of the processes.
/// Lifetime: the testbed, the shared state and the probe live longer.
class nemesis {
public:
  nemesis(testbed& on, shared_state& shared, propagation_probe& probe, std::uint64_t seed);

  /// Injects one fault after another for the given time.
  void run(std::chrono::seconds time);

  /// Lets the primary fail `count` times, each time after another fault, and promotes the standby.
  /// Each time the old primary becomes the standby of the new one.
  void run_failovers(int count);

  /// Replaces the hubs one after another, by newer ones and by older ones again, beside the other
  /// faults. At the end all hubs are newer ones.
  void run_deploys(std::chrono::seconds time);

  /// Waits for the given time. A hub that ends by itself or grows too large is a violation.
  void watch(std::chrono::milliseconds time);

  /// One line of text for each fault.
  const std::vector<std::string>& history() const { return history_; }

  /// The longest waits.
  struct waits {
    std::chrono::milliseconds health{0}, news{0}; ///< After the database came back.
    std::chrono::milliseconds progress{0};    ///< Until the other hubs store while one is paused.
    std::chrono::milliseconds propagation{0}; ///< From one hub to all hubs.
    std::chrono::milliseconds stop{0};        ///< From SIGTERM to the end of a hub.
  };
  const waits& worst() const { return worst_; }
  std::size_t largest() const { return largest_; } ///< The most resident bytes of a hub.

private:
  struct fault {
    std::string name;
    std::function<void()> strike;
  };

  std::vector<fault> hub_faults();
  std::vector<fault> database_faults();
  std::vector<fault> cluster_faults();
  std::vector<fault> connection_faults();
  std::vector<fault> listener_faults();

  void strike_once();
  void strike(const fault& what);
  std::function<void()> for_a_while(std::function<void()> hurt, std::function<void()> heal);

  std::vector<std::size_t> some_hubs();
  void kill_hubs();
  void stop_hubs();
  void pause_hubs();
  void stop_hub(std::size_t which);
  void start_hub(std::size_t which);

  void deploy(std::size_t which, bool newer);
  void demand_versions();
  bool all_know(bool older);

  void pause_standby();
  void fail_over(bool first, bool last);
  void write_without_standby();
  std::vector<std::size_t> hurt_hubs(bool remember);
  void help_hubs(const std::vector<std::size_t>& which);
  void wait_for_standby();

  void lock_file();
  std::vector<pid_t> listeners();
  void lose_listeners();
  void hold_commit();

  void demand_flow();
  void demand_flow(const std::string& after, std::chrono::seconds health_promised,
                   std::chrono::seconds news_promised);
  void demand_progress();
  void demand_propagation();
  void demand_propagation(std::chrono::seconds promised);
  bool healthy();
  bool healthy(std::size_t hub);
  std::string logs();

  std::chrono::milliseconds some_time();
  void wait_until(const std::string& what, const std::function<bool()>& yes);
  static row_id newest_id(test::sql_session& from);

  testbed& testbed_;
  shared_state& shared_;
  propagation_probe& probe_;
  random_source random_;
  std::vector<fault> hub_faults_, database_faults_;
  bool database_hurt_ = false;
  enum class hub_fault { none, stopped, killed, paused } hub_fault_ = hub_fault::none;
  bool fork_is_at_risk_ = false; ///< The standby has not received the record of the last fork.
  std::vector<bool> down_;       ///< For each hub, whether a fault keeps it stopped now.
  std::unique_ptr<test::sql_session> lock_;
  std::vector<std::string> history_;
  std::size_t largest_ = 0;
  waits worst_;
};

} // namespace torture
