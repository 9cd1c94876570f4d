// A forked child reads from a pipe. A byte tells it to exit. The end of the pipe means that this
// program has died.
#include "tests/support/kill_on_death.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <system_error>

namespace test {

kill_on_death::kill_on_death(const std::vector<pid_t>& watched) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe2"};
  descriptor read_end{ends[0]};
  pipe_ = descriptor{ends[1]};
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (pid_ != 0)
    return;
  // The child must not hold this program's descriptors, because a socket would stay open after its
  // owner.
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

kill_on_death::~kill_on_death() {
  if (::write(pipe_.get(), "x", 1) == 1)
    ::waitpid(pid_, nullptr, 0);
}

} // namespace test
