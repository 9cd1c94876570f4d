#include "net/access/connection_limiter.hpp"

#include <algorithm>

namespace hubbub {

namespace {

/// Bytes of memory that a request up to the end of its head, without a `buffer_slot`, TLS until it
/// is idle, and a refusal take.
constexpr std::size_t head_weight = 12 * 1024, tls_weight = 48 * 1024, refusal_weight = 2 * 1024;

/// The sockets that are served even when memory is full, because /health has to be answered.
constexpr std::size_t reserved_sockets = 16;

} // namespace

std::size_t connection_limiter::pending_now() const {
  const auto all = std::int64_t(sockets_) - std::int64_t(websockets_);
  return std::size_t(std::max(all, std::int64_t{0}));
}

std::size_t connection_limiter::max_pending() const {
  const auto& memory = *limits_.memory;
  const auto weight = head_weight + (limits_.secure ? tls_weight : 0);
  return memory.level() == pressure::full ? reserved_sockets : memory.share(SIZE_MAX, 8) / weight;
}

connection_limiter::decision connection_limiter::decide() const {
  const auto now = pending_now(), max = max_pending();
  if (now < max)
    return decision::serve;
  const auto refused = limits_.memory->share(SIZE_MAX / 2, 16) / refusal_weight;
  return now < max + refused ? decision::refuse : decision::wait;
}

bool connection_limiter::half_full() const {
  const auto now = pending_now(), idle = std::min<std::size_t>(now, idle_count_);
  return now - idle > max_pending() / 2;
}

bool connection_limiter::evict_idle() {
  return evict_idle_of(nullptr);
}

/// Evicts an idle slot of this quota, or of any quota if it is null. The analysis cannot know that
/// the mutex of each slot's limiter is the one that is locked here.
bool connection_limiter::evict_idle_of(const client_quota* quota) HUBBUB_NO_THREAD_SAFETY_ANALYSIS {
  const mutex_lock lock(mutex_);
  const auto matches = [quota](const slot* each) HUBBUB_NO_THREAD_SAFETY_ANALYSIS {
    return !quota || each->quota_.get() == quota;
  };
  const auto at = std::find_if(idle_.begin(), idle_.end(), matches);
  if (at == idle_.end())
    return false;
  auto& chosen = **at;
  idle_.erase(at);
  --idle_count_;
  chosen.phase_ = slot::phase::evicted;
  --chosen.quota_->pending;
  --sockets_;
  chosen.on_evicted_();
  return true;
}

std::shared_ptr<connection_limiter::slot>
connection_limiter::acquire(std::shared_ptr<connection_limiter> limiter, client_quota_ptr peer) {
  if (peer->pending >= peer->limits().pending && !limiter->evict_idle_of(peer.get()))
    return {};
  if (limiter->sockets_ >= limiter->limits_.sockets && !limiter->evict_idle())
    return {};
  return std::make_shared<slot>(std::move(limiter), std::move(peer));
}

connection_limiter::slot::slot(std::shared_ptr<connection_limiter> limiter, client_quota_ptr peer)
    : limiter_(std::move(limiter)), quota_(std::move(peer)) {
  ++limiter_->sockets_;
  ++quota_->pending;
}

std::optional<problem>
connection_limiter::slot::admit_websocket(const client_quota_ptr& new_quota) {
  const mutex_lock lock(limiter_->mutex_);
  const auto& limits = limiter_->limits_;
  if (limiter_->websockets_ >= limits.connections)
    return problem{problem_code::hub_full, "There are too many connections"};
  if (limits.memory->level() == pressure::full)
    return problem{problem_code::no_memory, "There is no memory for more connections"};
  if (new_quota->connections >= new_quota->limits().connections)
    return problem{problem_code::too_many_connections,
                   "There are too many connections from this address"};
  --std::exchange(quota_, new_quota)->pending;
  ++new_quota->connections;
  ++limiter_->websockets_;
  phase_ = phase::websocket;
  return {};
}

void connection_limiter::slot::set_idle(std::function<void()> on_evicted) {
  const mutex_lock lock(limiter_->mutex_);
  on_evicted_ = std::move(on_evicted);
  idle_position_ = limiter_->idle_.insert(limiter_->idle_.end(), this);
  phase_ = phase::idle;
  ++limiter_->idle_count_;
}

bool connection_limiter::slot::set_active() {
  const mutex_lock lock(limiter_->mutex_);
  on_evicted_ = nullptr;
  if (phase_ != phase::idle)
    return phase_ != phase::evicted;
  limiter_->idle_.erase(idle_position_);
  --limiter_->idle_count_;
  phase_ = phase::pending;
  return true;
}

connection_limiter::slot::~slot() {
  set_active();
  const mutex_lock lock(limiter_->mutex_);
  if (phase_ == phase::evicted)
    return;
  if (phase_ == phase::websocket) {
    --quota_->connections;
    --limiter_->websockets_;
  } else
    --quota_->pending;
  --limiter_->sockets_;
}

connection_limiter::buffer_slot::buffer_slot(std::shared_ptr<connection_limiter> limiter,
                                             std::size_t bytes)
    : limiter_(std::move(limiter)), bytes_(bytes),
      granted_((limiter_->buffered_ += bytes) <= limiter_->limits_.memory->share(SIZE_MAX, 16)) {}

} // namespace hubbub
