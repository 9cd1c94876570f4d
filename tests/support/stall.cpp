// Stops a thread with ptrace(2), as a debugger does, because a signal stops the whole process.
#include "tests/support/stall.hpp"

#include "tests/support/deadline.hpp"

#include <filesystem>
#include <fstream>
#include <linux/futex.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>

namespace test {

namespace {

pid_t find(pid_t process, const std::string& thread) {
  std::error_code gone;
  for (auto& entry :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task", gone}) {
    std::string name;
    std::getline(std::ifstream{entry.path() / "comm"}, name);
    if (name == thread)
      return std::stoi(entry.path().filename());
  }
  return 0;
}

void stop(pid_t thread) {
  if (::ptrace(PTRACE_SEIZE, thread, 0, 0) != 0 || ::ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0)
    throw std::system_error{errno, std::generic_category(), "ptrace"};
  int status = 0;
  if (::waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
    throw std::system_error{errno, std::generic_category(), "waitpid"};
}

/// Whether the stopped thread waits for a condition variable or for sockets (proc(5), syscall). A
/// wait for a mutex is another operation of the futex.
bool is_idle(pid_t process, pid_t thread) {
  std::ifstream in{"/proc/" + std::to_string(process) + "/task/" + std::to_string(thread) +
                   "/syscall"};
  std::string call, address, operation;
  if (!(in >> call >> address >> operation) || call == "running")
    return false;
  const auto number = std::stol(call);
  if (number == SYS_futex)
    return (std::stol(operation, nullptr, 16) & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
  return number == SYS_epoll_wait || number == SYS_epoll_pwait || number == SYS_poll;
}

} // namespace

stall::stall(pid_t process, const std::string& thread) {
  eventually("a thread " + thread + " that waits for work", [&] {
    thread_ = find(process, thread);
    if (thread_ == 0)
      return false;
    stop(thread_);
    if (is_idle(process, thread_))
      return true;
    ::ptrace(PTRACE_DETACH, thread_, 0, 0);
    return false;
  });
}

stall::~stall() {
  ::ptrace(PTRACE_DETACH, thread_, 0, 0);
}

} // namespace test
