#include "net/ops/rolling_window.hpp"

namespace hubbub {

namespace {

constexpr std::size_t most_looks = 11;

} // namespace

rolling_window::rolling_window(const hub_counters& of, boost::asio::io_context& where)
    : of_(of), timer_(where) {
  take();
}

rolling_window::window rolling_window::until(const counter_values& now) const {
  const std::lock_guard guard(mutex_);
  const auto& then = looks_.front();
  return {now - then.seen, std::chrono::duration<double>(clock::now() - then.when).count()};
}

void rolling_window::take() {
  {
    const std::lock_guard guard(mutex_);
    looks_.push_back({clock::now(), of_.sum()});
    if (looks_.size() > most_looks)
      looks_.pop_front();
  }
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      take();
  });
}

} // namespace hubbub
