#include "net/ops/log_rate_limiter.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr int lines_a_second = 3;
constexpr std::chrono::seconds summed_every{10};

/// The hub has some dozens; should a stranger's words ever make kinds, they share the last one.
constexpr std::size_t most_kinds = 256;

} // namespace

std::string kind_of(std::string_view line) {
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

bool log_rate_limiter::pass(std::string_view line, int level, clock::time_point now) {
  auto name = kind_of(line);
  if (kinds_.size() >= most_kinds && !kinds_.contains(name))
    name.clear();
  auto& kind = kinds_[name];
  if (now - kind.second >= std::chrono::seconds(1)) {
    kind.second = now;
    kind.passed = 0;
  }
  if (kind.passed++ < lines_a_second)
    return true;
  ++kind.held.more;
  kind.held.level = level;
  kind.held.last = line;
  return false;
}

std::map<std::string, log_rate_limiter::count> log_rate_limiter::sum_up(clock::time_point now) {
  if (now - summed_ < summed_every)
    return {};
  summed_ = now;
  std::map<std::string, count> out;
  for (auto& [name, kind] : kinds_)
    if (kind.held.more)
      out.emplace(name, std::exchange(kind.held, {}));
  return out;
}

} // namespace hubbub
