// Stops one thread of a child while all its other threads go on. Knows how the kernel stops a
// thread. Must not know what the thread does.
#pragma once

#include <string>
#include <sys/types.h>

namespace test {

/// The thread is stopped for the lifetime of this object. *Threads*: construct and destroy it on
/// the same thread, as ptrace(2) requires.
class stall {
public:
  /// Stops the thread with that name (proc(5), comm) while it waits for work, so that it holds no
  /// lock that other threads need. Waits until the process has such a thread.
  stall(pid_t process, const std::string& thread);
  ~stall();
  stall(const stall&) = delete;

private:
  pid_t thread_;
};

} // namespace test
