#include "actors/figures.hpp"

#include <algorithm>
#include <bit>

namespace hubbub {

namespace {

constexpr std::chrono::nanoseconds first_bound{62'500};

/// The place of a value in a table whose last place is for any other.
template<class Table, class Value>
std::size_t place(const Table& table, const Value& value) {
  const auto at = std::find(table.begin(), table.end(), value);
  return at == table.end() ? table.size() - 1 : std::size_t(at - table.begin());
}

} // namespace

tally tally::operator-(const tally& before) const {
  tally out;
  for (std::size_t i = 0; i < at.size(); ++i)
    out.at[i] = at[i] - before.at[i];
  return out;
}

std::uint64_t tally::times(figure::slot time) const {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= figure::time_bounds; ++i)
    all += at[time + i];
  return all;
}

double tally::quantile(figure::slot time, double share) const {
  const auto all = times(time);
  if (all == 0)
    return -1;
  auto left = share * double(all);
  for (std::size_t i = 0; i < figure::time_bounds; ++i) {
    const auto here = double(at[time + i]);
    if (left <= here) {
      const auto from = i ? figure::bound(i - 1) : 0;
      return from + (figure::bound(i) - from) * left / here;
    }
    left -= here;
  }
  return figure::bound(figure::time_bounds - 1);
}

void figures::add_time(figure::slot what, std::chrono::nanoseconds took, std::uint64_t times) {
  if (times == 0)
    return;
  took = std::max(took, std::chrono::nanoseconds(1));
  const auto over = std::uint64_t((took - std::chrono::nanoseconds(1)) / first_bound);
  const auto bucket = std::min(std::size_t(std::bit_width(over)), figure::time_bounds);
  add(figure::slot(what + bucket), times);
  add(figure::slot(what + figure::time_bounds + 1), std::uint64_t(took.count()) * times);
}

void figures::add_refused(std::string_view code) {
  add(figure::slot(figure::refused + place(figure::codes, code)));
}

void figures::add_closed(std::uint16_t code) {
  add(figure::slot(figure::closed + place(figure::closes, code)));
}

void figures::add_excess(std::string_view kind) {
  add(figure::slot(figure::excess + place(figure::excesses, kind)));
}

tally figures::sum() const {
  tally out;
  for (const auto& each : all_)
    for (std::size_t i = 0; i < figure::slots; ++i)
      out.at[i] += each[i].load(std::memory_order_relaxed);
  return out;
}

figures::sheet& figures::mine() {
  static std::atomic<std::size_t> threads = 0;
  thread_local const auto own = threads.fetch_add(1) % sheets;
  return all_[own];
}

} // namespace hubbub
