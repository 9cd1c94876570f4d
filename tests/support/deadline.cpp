// Turns a moment on the monotonic clock into the timeouts of poll(2). Must not know what is waited
// for.
#include "tests/support/deadline.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <system_error>

namespace test {

int deadline::left() const {
  auto ms = std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now()).count();
  return static_cast<int>(std::clamp<long long>(ms, 0, 3'600'000));
}

short wait_for(int fd, short events, deadline until, const std::string& what) {
  for (;;) {
    pollfd waited{fd, events, 0};
    int ready = ::poll(&waited, 1, until.left());
    if (ready > 0)
      return waited.revents;
    if (ready == 0)
      throw timeout{"timed out waiting for " + what};
    if (errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "poll"};
  }
}

void eventually(const std::string& what, deadline until, const std::function<bool()>& yes) {
  while (!yes()) {
    if (until.passed())
      throw timeout{"timed out waiting for " + what};
    ::poll(nullptr, 0, 5); // leaves the processor to what is waited for
  }
}

void eventually(const std::string& what, const std::function<bool()>& yes) {
  eventually(what, patience, yes);
}

} // namespace test
