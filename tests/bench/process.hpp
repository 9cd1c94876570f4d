// What the server under test costs, seen from outside: processor time and memory of a process.
// Knows: /proc and clocks. Must not know: what the server does.
#pragma once

#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

#include <sys/types.h>

namespace bench {

inline std::uint64_t nanoseconds(clockid_t clock) {
  timespec t{};
  if (clock_gettime(clock, &t) != 0)
    throw std::runtime_error("the server is gone");
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(t.tv_nsec);
}

inline std::uint64_t now() {
  return nanoseconds(CLOCK_MONOTONIC);
}

class process {
public:
  explicit process(pid_t pid) : pid_(pid) {
    if (clock_getcpuclockid(pid, &clock_) != 0)
      throw std::runtime_error("no process " + std::to_string(pid));
  }

  /// Nanoseconds on a processor, user and kernel, all threads; exact, not counted in ticks.
  std::uint64_t cpu() const { return nanoseconds(clock_); }

  /// One line of smaps_rollup ("Rss:", "Pss:") in bytes.
  std::uint64_t memory(const std::string& line) const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/smaps_rollup");
    std::uint64_t kilobytes = 0;
    for (std::string word; in >> word;)
      if (word == line && in >> kilobytes)
        return kilobytes * 1024;
    throw std::runtime_error("no " + line + " for process " + std::to_string(pid_));
  }

private:
  pid_t pid_;
  clockid_t clock_{};
};

} // namespace bench
