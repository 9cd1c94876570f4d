// One thread of a child that stands still while all others go on. Knows the kernel's ways to stop
// one, and nothing of what the thread does.
#pragma once

#include <string>
#include <sys/types.h>

namespace test {

/// Stands still from its making to its end. Made and ended on one thread.
class stall {
public:
  /// The thread of that process that bears the name (proc(5), comm); waits a while for one.
  stall(pid_t process, const std::string& thread);
  ~stall();
  stall(const stall&) = delete;

private:
  pid_t thread_;
};

} // namespace test
