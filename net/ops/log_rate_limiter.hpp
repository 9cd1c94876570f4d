// What keeps the log readable when strangers can write it full.
// Knows: lines, their kinds, the clock. Must not know: where lines go, what they are about.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hubbub {

/// The kind of a line: its words up to the first colon, but those with a digit, which are ids,
/// numbers and addresses.
std::string line_kind(std::string_view line);

/// Of each kind three lines pass a second; the others are counted. One thread at a time.
class log_rate_limiter {
public:
  using clock = std::chrono::steady_clock;

  struct suppressed_lines {
    std::string last; ///< Of those that did not pass.
    int level = 0;
    std::uint64_t count = 0;
  };

  /// May this line pass?
  bool allow(std::string_view line, int level, clock::time_point now);

  /// What did not pass, at most once in ten seconds; forgets it.
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
