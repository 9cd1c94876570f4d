#include "tests/torture/shared_state.hpp"

namespace torture {

void shared_state::enter(phase next) {
  const std::lock_guard guard{mutex_};
  now = next;
  entered_.notify_all();
}

void shared_state::rest(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  entered_.wait_for(lock, time, [this, before = now.load()] { return now != before; });
}

bool shared_state::is_log(const std::string& name) {
  std::lock_guard guard{mutex_};
  if (log_.empty())
    log_ = name;
  return log_ == name;
}

std::string shared_state::log() const {
  std::lock_guard guard{mutex_};
  return log_;
}

void shared_state::lend(const post& what) {
  std::lock_guard guard{mutex_};
  lent_.push_back(what);
}

std::optional<post> shared_state::borrow(random_source& random) {
  std::lock_guard guard{mutex_};
  if (lent_.empty())
    return {};
  std::swap(random.pick(lent_), lent_.back());
  auto what = std::move(lent_.back());
  lent_.pop_back();
  return what;
}

} // namespace torture
