// Who hurts the hubs and their database, on a schedule from a seed, and heals all of it again.
// Knows what each fault is and what the hubs owe in it; must not know what clients do or see,
// beyond when there was news.
#pragma once

#include "tests/torture/herald.hpp"

#include <functional>

namespace torture {

/// On the thread that made the stage, for that is the parent of the processes.
class nemesis {
public:
  nemesis(stage& on, world& notes, herald& words, std::uint64_t seed);

  /// Fault after fault.
  void run(std::chrono::seconds time);

  /// Waits and watches: the hubs must live and stay small.
  void watch(std::chrono::milliseconds time);

  /// One line a fault.
  const std::vector<std::string>& history() const { return history_; }

  /// The longest that was waited.
  struct waits {
    std::chrono::milliseconds health{0}, news{0}; ///< After the return of the database.
    std::chrono::milliseconds others{0}; ///< Until the others store while a hub stands still.
    std::chrono::milliseconds word{0};   ///< From one hub to all.
    std::chrono::milliseconds stop{0};   ///< From SIGTERM to the end of a hub.
  };
  const waits& worst() const { return worst_; }
  std::size_t largest() const { return largest_; } ///< Resident bytes of a hub.

private:
  struct fault {
    std::string name;
    std::function<void()> strike;
  };

  std::vector<fault> hub_faults();
  std::vector<fault> database_faults();
  std::vector<fault> cluster_faults();
  std::vector<fault> line_faults();
  std::vector<fault> listener_faults();

  void strike(const fault& what);
  std::function<void()> for_a_while(std::function<void()> hurt, std::function<void()> heal);

  std::vector<std::size_t> some_hubs();
  void kill_hubs();
  void stop_hubs();
  void pause_hubs();
  void stop_hub(std::size_t which);
  void start_hub(std::size_t which);

  void lock_file();
  std::vector<pid_t> listeners();
  void lose_listeners();
  void hold_commit();

  void demand_flow();
  void demand_others();
  void demand_word(std::chrono::seconds promised);
  bool healthy();
  bool healthy(std::size_t hub);

  std::chrono::milliseconds some_time();

  stage& stage_;
  world& where_;
  herald& words_;
  dice dice_;
  std::vector<fault> hub_faults_, database_faults_;
  bool database_hurt_ = false;
  std::vector<bool> down_; ///< Of each hub: it is not to run now.
  std::unique_ptr<test::sql_session> lock_;
  std::vector<std::string> history_;
  std::size_t largest_ = 0;
  waits worst_;
};

} // namespace torture
