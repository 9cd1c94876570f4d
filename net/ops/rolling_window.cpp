#include "net/ops/rolling_window.hpp"

namespace hubbub {

namespace {

constexpr std::size_t max_samples = 11;

} // namespace

rolling_window::rolling_window(const hub_counters& counters, boost::asio::io_context& where)
    : counters_(counters), timer_(where) {
  take_sample();
}

rolling_window::window rolling_window::window_until(const counter_values& now) const {
  const mutex_lock lock(mutex_);
  const auto& oldest = samples_.front();
  return {now - oldest.values, std::chrono::duration<double>(clock::now() - oldest.when).count()};
}

void rolling_window::take_sample() {
  {
    const mutex_lock lock(mutex_);
    samples_.push_back({clock::now(), counters_.sum()});
    if (samples_.size() > max_samples)
      samples_.pop_front();
  }
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      take_sample();
  });
}

} // namespace hubbub
