// Looks at the memory that the process has, and sets the level of the budget by it.
// Knows: the level's bounds. Must not know: who takes the memory, or who gives it back.
#pragma once

#include "actors/memory_budget.hpp"

#include <functional>
#include <thread>

namespace hubbub {

/// Has a thread of its own, from its making to its end, if the budget has a limit; else nothing.
class memory_monitor {
public:
  /// `relieve` is called on that thread when the level has risen, and once a second while it is not
  /// calm. Throws std::invalid_argument, with one sentence for the operator, where the limit leaves
  /// no room for anybody.
  memory_monitor(std::shared_ptr<memory_budget> budget, std::function<void(pressure)> relieve);

private:
  void run(const std::stop_token& stop);

  const std::shared_ptr<memory_budget> budget_;
  const std::function<void(pressure)> relieve_;
  std::jthread thread_;
};

/// Of the whole process, calm being the level so far: it falls a little later than it rises.
pressure pressure_of(std::size_t resident, std::size_t limit, pressure before);

} // namespace hubbub
