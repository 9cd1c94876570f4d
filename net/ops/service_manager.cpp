#include "net/ops/service_manager.hpp"

#ifdef HUBBUB_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace hubbub {

namespace {

#ifdef HUBBUB_SYSTEMD
void notify(const char* what, const std::string& status) {
  ::sd_notify(0, (what + ("\nSTATUS=" + status)).c_str());
}

std::uint64_t watchdog_microseconds() {
  std::uint64_t time = 0;
  return ::sd_watchdog_enabled(0, &time) > 0 ? time : 0;
}
#else
void notify(const char*, const std::string&) {}

std::uint64_t watchdog_microseconds() {
  return 0;
}
#endif

} // namespace

void notify_ready(const std::string& status) {
  notify("READY=1", status);
}

void notify_alive(const std::string& status) {
  notify("WATCHDOG=1", status);
}

void notify_stopping(const std::string& status) {
  notify("STOPPING=1", status);
}

std::optional<std::chrono::nanoseconds> notify_every() {
  const auto time = watchdog_microseconds();
  if (time == 0)
    return {};
  return std::chrono::microseconds(time / 3);
}

} // namespace hubbub
