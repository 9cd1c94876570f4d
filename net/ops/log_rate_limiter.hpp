// A rate limit on log lines, because clients can cause any number of them.
// Knows: lines, their kinds, the clock. Must not know: where lines go, what they mean.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the kind of a line: its words up to the first colon, without words that have a digit.
/// Such words are ids, numbers and addresses.
std::string line_kind(std::string_view line);

/// Allows three lines of each kind per second, and counts the others. Threads: one at a time.
class log_rate_limiter {
public:
  using clock = std::chrono::steady_clock;

  struct suppressed_lines {
    std::string last; ///< The last suppressed line.
    int level = 0;
    std::uint64_t count = 0;
  };

  /// Returns whether this line may be written. Otherwise the line counts as suppressed.
  bool allow(std::string_view line, int level, clock::time_point now);

  /// Returns the suppressed lines of each kind and forgets them. Returns nothing within ten seconds
  /// after the last call that returned.
  std::map<std::string, suppressed_lines> take_suppressed(clock::time_point now);

private:
  struct kind {
    clock::time_point second_start;
    int allowed = 0;
    suppressed_lines suppressed;
  };

  std::map<std::string, kind> kinds_;
  clock::time_point taken_at_{};
};

} // namespace hubbub
