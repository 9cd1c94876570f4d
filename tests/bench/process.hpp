// What the server under test costs, seen from outside: processor time and memory of a process.
// Knows: /proc and clocks. Must not know: what the server does.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
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

  struct ticks {
    double user, kernel;
  };

  /// The same by kind and in hundredths of a second, by sampling: for shares over seconds.
  ticks time() const {
    std::ifstream in(folder() + "/stat");
    std::string field;
    std::getline(in, field, ')'); // the name may hold spaces
    for (int i = 0; i < 11; ++i)
      in >> field;
    ticks t{};
    if (!(in >> t.user >> t.kernel))
      throw std::runtime_error("no times in " + folder() + "/stat");
    return t;
  }

  /// Bytes of its own that are in memory: heap and stacks, not the pages of program files.
  std::uint64_t memory() const {
    std::ifstream in(folder() + "/status");
    std::uint64_t kilobytes = 0;
    for (std::string word; in >> word;)
      if (word == "RssAnon:" && in >> kilobytes)
        return kilobytes * 1024;
    throw std::runtime_error("no RssAnon in " + folder() + "/status");
  }

  std::size_t open_files() const {
    using std::filesystem::directory_iterator;
    return static_cast<std::size_t>(
        std::distance(directory_iterator(folder() + "/fd"), directory_iterator()));
  }

private:
  std::string folder() const { return "/proc/" + std::to_string(pid_); }

  pid_t pid_;
  clockid_t clock_{};
};

} // namespace bench
