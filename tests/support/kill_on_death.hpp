// Kills processes that are not children of this program if the program dies first. Knows only their
// ids.
#pragma once

#include "tests/support/descriptor.hpp"

#include <sys/types.h>
#include <vector>

namespace test {

/// During the lifetime of this object, the death of this program, even by SIGKILL, also kills those
/// processes. It is meant for processes that no parent-death signal reaches: the stopped children
/// of a child.
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
