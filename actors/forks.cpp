#include "actors/forks.hpp"

#include <algorithm>

namespace hubbub {

std::optional<log_fork> forks_over(std::span<const log_fork> forks, row_id id) {
  std::optional<log_fork> out;
  for (const auto& fork : forks)
    if (fork.first > id)
      out =
          out ? log_fork{std::min(out->after, fork.after), std::max(out->first, fork.first)} : fork;
  return out;
}

row_id newest_first(std::span<const log_fork> forks) {
  return forks.empty() ? 0 : forks.back().first;
}

std::vector<log_fork> new_forks(std::span<const log_fork> now, std::span<const log_fork> known) {
  std::vector<log_fork> out;
  std::copy_if(now.begin(), now.end(), std::back_inserter(out), [known](const log_fork& fork) {
    return std::find(known.begin(), known.end(), fork) == known.end();
  });
  return out;
}

row_id surviving_position(std::span<const log_fork> forks, row_id position) {
  for (const auto& fork : forks)
    if (position < fork.first)
      position = std::min(position, fork.after);
  return position;
}

std::uint64_t ids_between(std::span<const log_fork> forks, row_id from, row_id to) {
  if (from >= to)
    return 0;
  std::vector<log_fork> gaps(forks.begin(), forks.end());
  std::sort(gaps.begin(), gaps.end(),
            [](const log_fork& a, const log_fork& b) { return a.after < b.after; });
  // Unsigned, because a cursor may be any number.
  auto out = std::uint64_t(to) - std::uint64_t(from);
  for (const auto& gap : gaps) { // gaps may overlap
    const auto begin = std::max(from, gap.after), end = std::min(to, gap.first - 1);
    if (begin >= end)
      continue;
    out -= std::uint64_t(end) - std::uint64_t(begin);
    from = end;
  }
  return out;
}

} // namespace hubbub
