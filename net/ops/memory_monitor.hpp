// Sets the level of the memory budget by the resident memory of the process.
// Knows: the bounds of each level. Must not know: what takes memory or gives it back.
#pragma once

#include "actors/memory_budget.hpp"

#include <functional>
#include <thread>

namespace hubbub {

/// Checks the resident memory every 20 to 100 ms, if the budget has a limit.
///
/// Threads: runs a thread of its own, the only one that sets the level. Lifetime: the destructor
/// joins the thread, so everything that `relieve` uses must live until then. Invariant: without a
/// limit there is no thread, and the level stays calm.
class memory_monitor {
public:
  /// `relieve` is called on the monitor's thread when the level has risen, and once a second while
  /// the level is not calm. Throws std::invalid_argument with one sentence for the operator if the
  /// process is near the limit already, and std::system_error if no thread can be started.
  memory_monitor(std::shared_ptr<memory_budget> budget, std::function<void(pressure)> relieve);

private:
  void run(const std::stop_token& stop);

  // Constant after construction.
  const std::shared_ptr<memory_budget> budget_;
  const std::function<void(pressure)> relieve_;

  std::jthread thread_; ///< The last member, so that it is joined first.
};

/// Returns the level for this much resident memory in bytes, after the level `before`. A level is
/// left 5 % of the limit below the bound at which it begins (hysteresis).
pressure pressure_of(std::size_t resident, std::size_t limit, pressure before);

} // namespace hubbub
