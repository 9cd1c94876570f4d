#include "net/ops/log_rate_limiter.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr int max_lines_per_second = 3;
constexpr std::chrono::seconds report_interval{10};

/// At most this many kinds are counted separately. The hub itself has some dozens. If text from
/// outside creates more, the others count as one kind.
constexpr std::size_t max_kinds = 256;

} // namespace

std::string line_kind(std::string_view line) {
  line = line.substr(0, line.find(": "));
  std::string kind;
  while (!line.empty()) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    if (std::none_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; }))
      kind.append(word) += ' ';
  }
  return kind;
}

bool log_rate_limiter::allow(std::string_view line, int level, clock::time_point now) {
  auto name = line_kind(line);
  if (kinds_.size() >= max_kinds && !kinds_.contains(name))
    name.clear();
  auto& kind = kinds_[name];
  if (now - kind.second_start >= std::chrono::seconds(1)) {
    kind.second_start = now;
    kind.allowed = 0;
  }
  if (kind.allowed++ < max_lines_per_second)
    return true;
  ++kind.suppressed.count;
  kind.suppressed.level = level;
  kind.suppressed.last = line;
  return false;
}

std::map<std::string, log_rate_limiter::suppressed_lines>
log_rate_limiter::take_suppressed(clock::time_point now) {
  if (now - taken_at_ < report_interval)
    return {};
  taken_at_ = now;
  std::map<std::string, suppressed_lines> out;
  for (auto& [name, kind] : kinds_)
    if (kind.suppressed.count)
      out.emplace(name, std::exchange(kind.suppressed, {}));
  return out;
}

} // namespace hubbub
