// What all clients found together: each message as it was first shown, violations of the hub's
// promises, and counts. Knows neither sockets nor the table.
#pragma once

#include "tests/torture/client_record.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <unordered_map>

namespace torture {

using clock = std::chrono::steady_clock;

/// Threads: any thread may call any function at any time.
class findings {
public:
  findings() : began_{clock::now()} {}

  /// Records a message that a client was shown. A message that differs from what another client was
  /// shown under the same id is a violation.
  void see(const shown& what);

  /// Records the data that a newer hub has shown with that message, or none. Other data than before
  /// is a violation.
  void see_data(row_id id, const std::string& data);
  std::unordered_map<row_id, std::string> all_data() const;

  /// Records a broken promise. The text of the first 30 is kept, the others are only counted.
  void violation(const std::string& what);

  /// Records a fork that a client was told of.
  void told(const log_fork& lost);
  std::set<log_fork> all_told() const;

  void count(const std::string& what, long n = 1);

  /// When a client was last shown a message that no client had seen before.
  clock::time_point last_news() const;

  std::unordered_map<row_id, shown> all_seen() const;
  std::map<std::string, long> counts() const;
  std::vector<std::string> violations() const;
  long violation_count() const { return violation_count_; }

  /// The seconds since the start of the run, as the history of faults prints them.
  std::string time(clock::time_point at = clock::now()) const;

private:
  const clock::time_point began_;
  mutable std::mutex mutex_; ///< Guards the members below, except the atomic one.
  std::unordered_map<row_id, shown> seen_;
  std::unordered_map<row_id, std::string> data_;
  std::set<log_fork> told_;
  std::map<std::string, long> counts_;
  std::vector<std::string> violations_;
  std::atomic<long> violation_count_ = 0;
  clock::time_point last_news_;
};

std::string describe(const shown& what);

} // namespace torture
