#include "net/notify.hpp"

#include <systemd/sd-daemon.h>

namespace hubbub {

namespace {

void tell(const char* what, const std::string& status) {
  ::sd_notify(0, (what + ("\nSTATUS=" + status)).c_str());
}

} // namespace

void notify_ready(const std::string& status) {
  tell("READY=1", status);
}

void notify_alive(const std::string& status) {
  tell("WATCHDOG=1", status);
}

void notify_stopping(const std::string& status) {
  tell("STOPPING=1", status);
}

std::optional<std::chrono::nanoseconds> notify_every() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0)
    return {};
  return std::chrono::microseconds(microseconds / 3);
}

} // namespace hubbub
