// CPU time, memory and open files of the processes under test, measured from outside.
// Knows: /proc and clocks. Must not know: what the servers do.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

inline constexpr std::uint64_t second = 1'000'000'000; ///< In nanoseconds.

inline std::uint64_t nanoseconds_of(double seconds) {
  return static_cast<std::uint64_t>(seconds * second);
}

inline std::uint64_t nanoseconds(clockid_t clock) {
  timespec t{};
  if (clock_gettime(clock, &t) != 0)
    throw std::runtime_error("the server has ended");
  return static_cast<std::uint64_t>(t.tv_sec) * second + static_cast<std::uint64_t>(t.tv_nsec);
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

  /// The CPU time of all threads in nanoseconds, user and kernel together. The value is exact, not
  /// counted in ticks.
  std::uint64_t cpu() const { return nanoseconds(clock_); }

  struct ticks {
    double user, kernel;
  };

  /// User and kernel time in hundredths of a second. The kernel samples them, so only their ratio
  /// over seconds is meaningful.
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

  /// The resident anonymous bytes (RssAnon): heap and stacks, without pages of program files.
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

/// Several processes, measured as one.
class processes {
public:
  explicit processes(const std::vector<pid_t>& pids) : all_(pids.begin(), pids.end()) {}

  /// The process and its current children; no process at all if `parent` is 0.
  static processes family(pid_t parent) {
    std::vector<pid_t> pids;
    if (parent != 0) {
      const auto pid = std::to_string(parent);
      std::ifstream in("/proc/" + pid + "/task/" + pid + "/children");
      pids.push_back(parent);
      for (pid_t child = 0; in >> child;)
        pids.push_back(child);
    }
    return processes(pids);
  }

  std::uint64_t cpu() const {
    return sum<std::uint64_t>([](const process& p) { return p.cpu(); });
  }
  std::uint64_t memory() const {
    return sum<std::uint64_t>([](const process& p) { return p.memory(); });
  }
  std::size_t open_files() const {
    return sum<std::size_t>([](const process& p) { return p.open_files(); });
  }
  process::ticks time() const {
    process::ticks all{};
    for (const auto& p : all_) {
      const auto one = p.time();
      all = {all.user + one.user, all.kernel + one.kernel};
    }
    return all;
  }

private:
  template<class Number, class Of>
  Number sum(Of of) const {
    Number all{};
    for (const auto& p : all_)
      all += of(p);
    return all;
  }

  std::vector<process> all_;
};

} // namespace bench
