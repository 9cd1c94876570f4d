// The end of processes that are not our children, should this program die before it ends them.
// Knows no more of them than their ids.
#pragma once

#include "tests/support/descriptor.hpp"

#include <sys/types.h>
#include <vector>

namespace test {

/// While it lives, the death of this program, even by SIGKILL, kills those processes too. For what
/// no parent-death signal reaches: the stopped children of a child.
class kill_on_death {
public:
  explicit kill_on_death(const std::vector<pid_t>& watched);
  ~kill_on_death();
  kill_on_death(const kill_on_death&) = delete;
  kill_on_death& operator=(const kill_on_death&) = delete;

private:
  descriptor pipe_;
  pid_t pid_;
};

} // namespace test
