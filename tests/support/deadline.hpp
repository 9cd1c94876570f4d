// How long a test is willing to wait. Every call of the test support that could block takes a
// deadline, so that no test can hang. Knows only the clock.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace test {

using namespace std::chrono_literals;

/// What did not happen in time.
struct timeout : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A moment on the monotonic clock; any duration converts to one, counted from now.
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

/// Waits until poll(2) reports one of `events` for `fd`; says which. Throws `timeout` with `what`.
short wait_for(int fd, short events, deadline until, const std::string& what);

/// For what is only waited for: only a fault reaches it, however slow and busy the machine is. A
/// test gives a time of its own where nothing is to come, or where it goes on without an answer.
constexpr auto patience = 120s;

/// Asks again and again, some hundred times a second, until the answer is yes. For states that
/// can only be asked for, such as /health. Throws `timeout` with `what`.
void eventually(const std::string& what, deadline until, const std::function<bool()>& yes);
void eventually(const std::string& what, const std::function<bool()>& yes);

} // namespace test
