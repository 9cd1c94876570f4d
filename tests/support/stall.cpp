// Stops a thread with ptrace(2), as a debugger does, because a signal stops the whole process.
#include "tests/support/stall.hpp"

#include "tests/support/deadline.hpp"

#include <filesystem>
#include <fstream>
#include <sys/ptrace.h>
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

} // namespace

stall::stall(pid_t process, const std::string& thread) {
  eventually("a thread " + thread, [&] { return (thread_ = find(process, thread)) != 0; });
  if (::ptrace(PTRACE_SEIZE, thread_, 0, 0) != 0 || ::ptrace(PTRACE_INTERRUPT, thread_, 0, 0) != 0)
    throw std::system_error{errno, std::generic_category(), "ptrace"};
  int status = 0;
  if (::waitpid(thread_, &status, __WALL) != thread_ || !WIFSTOPPED(status))
    throw std::system_error{errno, std::generic_category(), "waitpid"};
}

stall::~stall() {
  ::ptrace(PTRACE_DETACH, thread_, 0, 0);
}

} // namespace test
