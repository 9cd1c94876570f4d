// The counters that counts.cpp keeps inside a server and the load generator reads from outside.
// Knows: their order in the shared file. Must not know: who counts, or why.
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

/// The file's counters in memory, null where that fails. Never unmapped.
inline counts* map_counts(int fd) {
  void* at = mmap(nullptr, sizeof(counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at == MAP_FAILED ? nullptr : static_cast<counts*>(at);
}

} // namespace bench
