#include "net/ops/memory_monitor.hpp"

#include "net/ops/process_stats.hpp"

#include <spdlog/spdlog.h>

#include <malloc.h>
#include <pthread.h>
#include <stdexcept>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

/// The bound at which each level begins, and how far below that bound the level ends, in percent of
/// the limit.
constexpr std::array<std::size_t, 4> rise_percent{0, 70, 80, 90};
constexpr std::size_t fall_margin = 5;

/// The memory is checked at `poll_interval` above `fast_poll_percent` of the limit. Below that it
/// cannot grow fast enough to matter.
constexpr auto poll_interval = 20ms, slow_poll_interval = 100ms;
constexpr std::size_t fast_poll_percent = 50;
constexpr auto relieve_interval = 1s;

/// Bytes. The allocator returns larger blocks to the system as soon as they are free.
constexpr int large_block = 64 * 1024;

constexpr std::size_t mebibyte = 1 << 20;

} // namespace

pressure pressure_of(std::size_t resident, std::size_t limit, pressure before) {
  auto now = pressure::calm;
  for (std::size_t i = 1; i < rise_percent.size(); ++i) {
    const auto level = pressure(i);
    if (resident > limit / 100 * (rise_percent[i] - (level <= before ? fall_margin : 0)))
      now = level;
  }
  return now;
}

memory_monitor::memory_monitor(std::shared_ptr<memory_budget> budget,
                               std::function<void(pressure)> relieve)
    : budget_(std::move(budget)), relieve_(std::move(relieve)) {
  const auto limit = budget_->limit();
  if (!limit)
    return;
  ::mallopt(M_MMAP_THRESHOLD, large_block); // NOLINT(concurrency-mt-unsafe): glibc locks
  const auto resident = resident_bytes();
  if (pressure_of(resident, limit, pressure::calm) >= pressure::tight)
    throw std::invalid_argument("MEMORY_LIMIT is " + std::to_string(limit / mebibyte) +
                                "M, and the hub takes " + std::to_string(resident / mebibyte + 1) +
                                "M without any connection: set it to at least twice that");
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  pthread_setname_np(thread_.native_handle(), "memory");
}

void memory_monitor::run(const std::stop_token& stop) {
  using clock = std::chrono::steady_clock;
  clock::time_point relieved{};
  const auto limit = budget_->limit();
  auto resident = resident_bytes();
  while (!stop.stop_requested()) {
    const auto before = budget_->level();
    auto now = pressure_of(resident, limit, before);
    const bool due = clock::now() - relieved >= relieve_interval;
    if (now != pressure::calm && due) { // the allocator keeps freed memory
      ::malloc_trim(0);
      resident = resident_bytes();
      now = pressure_of(resident, limit, before);
      relieved = clock::now();
    }
    budget_->set(now);
    if (now > before || (now != pressure::calm && due))
      relieve_(now);
    if ((now == pressure::calm) != (before == pressure::calm))
      spdlog::info("memory is {}, {} of {} MiB", pressure_names[std::size_t(now)],
                   resident / mebibyte, limit / mebibyte);
    std::this_thread::sleep_for(resident > limit / 100 * fast_poll_percent ? poll_interval
                                                                           : slow_poll_interval);
    resident = resident_bytes();
  }
}

} // namespace hubbub
