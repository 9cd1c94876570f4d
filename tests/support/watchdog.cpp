// A forked child that waits at a pipe: a byte is its dismissal, the end of the pipe our death.
#include "tests/support/watchdog.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <system_error>

namespace test {

watchdog::watchdog(const std::vector<pid_t>& watched) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe2"};
  descriptor listening{ends[0]};
  leash_ = descriptor{ends[1]};
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (pid_ != 0)
    return;
  // Our other descriptors must not be kept open: a socket would not end with its owner.
  ::dup2(ends[0], 0);
  ::close_range(1, ~0u, 0);
  char byte;
  ssize_t size;
  while ((size = ::read(0, &byte, 1)) < 0 && errno == EINTR) {
  }
  if (size == 0)
    for (auto pid : watched)
      ::kill(pid, SIGKILL);
  ::_exit(0);
}

watchdog::~watchdog() {
  if (::write(leash_.get(), "x", 1) == 1)
    ::waitpid(pid_, nullptr, 0);
}

} // namespace test
