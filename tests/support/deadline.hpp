// How long a test waits. Every call of tests/support that could block takes a deadline, so no test
// can hang. Knows only the clock.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace test {

using namespace std::chrono_literals;

/// Something that was waited for did not happen in time.
struct timeout : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A moment on the monotonic clock. A duration converts to a deadline, counted from now.
class deadline {
public:
  using clock = std::chrono::steady_clock;

  template<class Rep, class Period>
  deadline(std::chrono::duration<Rep, Period> from_now) : at_{clock::now() + from_now} {}

  clock::time_point at() const { return at_; }
  bool passed() const { return clock::now() >= at_; }

  /// Milliseconds left for poll(2), rounded up and never negative.
  int left() const;

private:
  clock::time_point at_;
};

/// Waits until poll(2) reports one of `events` for `fd` and returns what it reports. Throws
/// `timeout` with `what`.
short wait_for(int fd, short events, deadline until, const std::string& what);

/// The usual deadline. It is long enough for a slow and busy machine, so only a fault reaches it. A
/// test names its own time where nothing must arrive, or where the test goes on without an answer.
constexpr auto patience = 120s;

/// Calls `yes` about 200 times a second until it returns true: for states that can only be polled,
/// such as /health. Throws `timeout` with `what`. Without a deadline it waits for `patience`.
void eventually(const std::string& what, deadline until, const std::function<bool()>& yes);
void eventually(const std::string& what, const std::function<bool()>& yes);

} // namespace test
