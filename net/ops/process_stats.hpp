// What this process takes from its machine.
// Knows: Linux. Must not know: what the process does.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>

namespace hubbub {

struct process_stats {
  std::size_t resident_bytes = 0, virtual_bytes = 0;
  std::size_t open_files = 0, max_files = 0;
  double cpu_seconds = 0;
};

/// The memory that it has now. Any thread.
std::size_t resident_bytes();

/// Any thread.
class process_meter {
public:
  process_stats read();

private:
  std::size_t count_open_files();

  std::mutex mutex_;
  std::chrono::steady_clock::time_point counted_at_{};
  std::size_t open_files_ = 0;
};

} // namespace hubbub
