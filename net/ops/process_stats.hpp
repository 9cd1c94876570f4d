// The resources that this process uses.
// Knows: /proc and getrusage of Linux. Must not know: what the process does.
#pragma once

#include "storage/thread_safety.hpp"

#include <chrono>
#include <cstddef>

namespace hubbub {

struct process_stats {
  std::size_t resident_bytes = 0, virtual_bytes = 0;
  std::size_t open_files = 0, max_files = 0;
  double cpu_seconds = 0;
};

/// Returns the resident memory of the process in bytes. Threads: any.
std::size_t resident_bytes();

/// Reads the resources of the process.
///
/// Threads: all calls may come from any thread. Lifetime: lives as long as the stats_collector.
/// Invariant: `open_files_` is the number of open files at `counted_at_`.
class process_meter {
public:
  /// The number of open files may be up to five seconds old.
  process_stats read();

private:
  std::size_t count_open_files();

  annotated_mutex mutex_;
  std::chrono::steady_clock::time_point counted_at_ HUBBUB_GUARDED_BY(mutex_){};
  std::size_t open_files_ HUBBUB_GUARDED_BY(mutex_) = 0;
};

} // namespace hubbub
