// What all clients know together: each message as it was first seen, what was found wrong, and
// the counts. Knows neither sockets nor the table.
#pragma once

#include "tests/torture/record.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <unordered_map>

namespace torture {

using clock = std::chrono::steady_clock;

/// Any thread may call anything at any time.
class book {
public:
  book() : began_{clock::now()} {}

  /// Somebody was shown a message. If it looked otherwise to someone else, that is a violation.
  void see(const shown& what);

  /// What must never be. The first ones are kept in full.
  void violation(const std::string& what);

  void count(const std::string& what, long n = 1);

  /// When a message was last shown that nobody had seen before.
  clock::time_point last_news() const;

  std::unordered_map<row_id, shown> all_seen() const;
  std::map<std::string, long> counts() const;
  std::vector<std::string> violations() const;
  long violation_count() const { return violation_count_; }

  /// Seconds since the beginning, as the history of faults has it.
  std::string time(clock::time_point at = clock::now()) const;

private:
  const clock::time_point began_;
  mutable std::mutex mutex_;
  std::unordered_map<row_id, shown> seen_;
  std::map<std::string, long> counts_;
  std::vector<std::string> violations_;
  std::atomic<long> violation_count_ = 0;
  clock::time_point last_news_;
};

std::string describe(const shown& what);

} // namespace torture
