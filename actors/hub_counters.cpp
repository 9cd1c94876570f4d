#include "actors/hub_counters.hpp"

#include <algorithm>
#include <bit>

namespace hubbub {

namespace {

constexpr std::chrono::nanoseconds first_bound{62'500};

} // namespace

counter_values counter_values::operator-(const counter_values& before) const {
  counter_values out;
  for (std::size_t i = 0; i < at.size(); ++i)
    out.at[i] = at[i] - before.at[i];
  return out;
}

std::uint64_t counter_values::times(counter::slot time) const {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= counter::time_bounds; ++i)
    all += at[time + i];
  return all;
}

double counter_values::quantile(counter::slot time, double share) const {
  const auto all = times(time);
  if (all == 0)
    return -1;
  auto left = share * double(all);
  for (std::size_t i = 0; i < counter::time_bounds; ++i) {
    const auto here = double(at[time + i]);
    if (left <= here) {
      const auto from = i ? counter::bound(i - 1) : 0;
      return from + (counter::bound(i) - from) * left / here;
    }
    left -= here;
  }
  return counter::bound(counter::time_bounds - 1);
}

void hub_counters::add_time(counter::slot what, std::chrono::nanoseconds took,
                            std::uint64_t times) {
  if (times == 0)
    return;
  took = std::max(took, std::chrono::nanoseconds(1));
  const auto over = std::uint64_t((took - std::chrono::nanoseconds(1)) / first_bound);
  const auto bucket = std::min(std::size_t(std::bit_width(over)), counter::time_bounds);
  add(counter::slot(what + bucket), times);
  add(counter::slot(what + counter::time_bounds + 1), std::uint64_t(took.count()) * times);
}

void hub_counters::add_refused(refusal_code code) {
  add(counter::slot(counter::refused + std::size_t(code)));
}

void hub_counters::add_closed(std::uint16_t close_code) {
  const auto& known = counter::close_codes;
  const auto other = known.end() - 1;
  add(counter::slot(counter::closed +
                    std::size_t(std::find(known.begin(), other, close_code) - known.begin())));
}

void hub_counters::add_over_limit(address_limit limit) {
  add(counter::slot(counter::over_address_limit + std::size_t(limit)));
}

void hub_counters::add_published(publish_answer answer) {
  add(counter::slot(counter::published + std::size_t(answer)));
}

counter_values hub_counters::sum() const {
  counter_values out;
  for (const auto& each : all_)
    for (std::size_t i = 0; i < counter::slots; ++i)
      out.at[i] += each[i].load(std::memory_order_relaxed);
  return out;
}

hub_counters::table& hub_counters::own_copy() {
  static std::atomic<std::size_t> threads = 0;
  thread_local const auto own = threads.fetch_add(1) % copies;
  return all_[own];
}

} // namespace hubbub
