#include "net/ops/recent.hpp"

namespace hubbub {

namespace {

constexpr std::size_t most_looks = 11;

} // namespace

recent::recent(const figures& of, boost::asio::io_context& where) : of_(of), timer_(where) {
  take();
}

recent::window recent::until(const tally& now) const {
  const std::lock_guard guard(mutex_);
  const auto& then = looks_.front();
  return {now - then.seen, std::chrono::duration<double>(clock::now() - then.when).count()};
}

void recent::take() {
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
