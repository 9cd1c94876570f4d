#include "net/ops/process_stats.hpp"

#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace hubbub {

namespace {

/// The time between two counts. Open files can only be counted one by one, and each connection has
/// one.
constexpr std::chrono::seconds count_interval{5};

double seconds(const timeval& time) {
  return double(time.tv_sec) + double(time.tv_usec) / 1e6;
}

struct memory_sizes {
  std::size_t all = 0, resident = 0;
};

memory_sizes read_memory_sizes() {
  memory_sizes out;
  std::ifstream("/proc/self/statm") >> out.all >> out.resident; // in pages
  const auto page = std::size_t(::sysconf(_SC_PAGESIZE));
  return {out.all * page, out.resident * page};
}

} // namespace

std::size_t resident_bytes() {
  return read_memory_sizes().resident;
}

process_stats process_meter::read() {
  process_stats out;
  const auto [all, resident] = read_memory_sizes();
  out.virtual_bytes = all;
  out.resident_bytes = resident;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  out.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  out.max_files = files.rlim_cur;
  out.open_files = count_open_files();
  return out;
}

std::size_t process_meter::count_open_files() {
  const mutex_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (counted_at_ != decltype(counted_at_){} && now - counted_at_ < count_interval)
    return open_files_;
  counted_at_ = now;
  std::error_code ec;
  open_files_ = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", ec), end; !ec && at != end;
       at.increment(ec))
    ++open_files_;
  return open_files_;
}

} // namespace hubbub
