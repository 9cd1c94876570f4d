// Who hurts the hub and its database, on a schedule from a seed, and heals all of it again.
// Knows what each fault is and what the hub owes in it; must not know what clients do or see,
// beyond when there was news.
#pragma once

#include "tests/support/http.hpp"
#include "tests/torture/client.hpp"
#include "tests/torture/stage.hpp"

#include <functional>

namespace torture {

/// On the thread that made the stage, for that is the parent of the processes.
class nemesis {
public:
  nemesis(stage& on, world& notes, std::uint64_t seed);

  /// Fault after fault.
  void run(std::chrono::seconds time);

  /// Waits and watches: the hub must live and stay small.
  void watch(std::chrono::milliseconds time);

  /// One line a fault.
  const std::vector<std::string>& history() const { return history_; }

  std::size_t largest() const { return largest_; } ///< Resident bytes of the hub.
  std::chrono::milliseconds worst_pause() const { return worst_pause_; }
  std::chrono::milliseconds worst_health() const { return worst_health_; }

private:
  struct fault {
    std::string name;
    std::function<void()> strike;
  };

  std::vector<fault> hub_faults();
  std::vector<fault> database_faults();

  void strike(const fault& what);
  std::function<void()> for_a_while(std::function<void()> hurt, std::function<void()> heal);

  void kill_hub();
  void stop_hub();
  void pause_hub();
  void start_hub();
  void lock_file();
  void demand_flow();
  bool healthy();

  std::chrono::milliseconds some_time();

  stage& stage_;
  world& where_;
  dice dice_;
  std::vector<fault> hub_faults_, database_faults_;
  bool database_hurt_ = false;
  bool hub_is_down_ = false;
  clock::time_point healed_;
  std::unique_ptr<test::sql_session> lock_;
  std::vector<std::string> history_;
  std::size_t largest_ = 0;
  std::chrono::milliseconds worst_pause_{0}, worst_health_{0};
};

} // namespace torture
