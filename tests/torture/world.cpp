// What the clients share, under one mutex.
#include "tests/torture/client.hpp"

namespace torture {

void world::enter(phase next) {
  const std::lock_guard guard{mutex_};
  now = next;
  entered_.notify_all();
}

void world::rest(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  entered_.wait_for(lock, time, [this, before = now.load()] { return now != before; });
}

bool world::is_log(const std::string& name) {
  std::lock_guard guard{mutex_};
  if (log_.empty())
    log_ = name;
  return log_ == name;
}

std::string world::log() const {
  std::lock_guard guard{mutex_};
  return log_;
}

void world::lend(const post& what) {
  std::lock_guard guard{mutex_};
  lent_.push_back(what);
}

std::optional<post> world::borrow(dice& by) {
  std::lock_guard guard{mutex_};
  if (lent_.empty())
    return {};
  std::swap(by.pick(lent_), lent_.back());
  auto what = std::move(lent_.back());
  lent_.pop_back();
  return what;
}

} // namespace torture
