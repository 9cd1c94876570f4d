// The counters that call_counters.cpp keeps inside a server and the load generator reads from
// outside. Knows: the order of the counters in the shared file. Must not know: why anything is
// counted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <sys/mman.h>

namespace bench {

/// The environment variable that names the file.
inline constexpr auto counts_variable = "BENCH_COUNTS";

enum counter { allocations, locks, wakes, sends, counters };
inline constexpr std::array<const char*, counters> counter_names{"allocations", "locks", "wake-ups",
                                                                 "send() calls"};

using counts = std::array<std::atomic<std::uint64_t>, counters>;

/// Maps the counters of the file into memory; null on failure. They are never unmapped.
inline counts* map_counts(int fd) {
  void* at = mmap(nullptr, sizeof(counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at == MAP_FAILED ? nullptr : static_cast<counts*>(at);
}

} // namespace bench
