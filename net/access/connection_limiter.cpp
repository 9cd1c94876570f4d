#include "net/access/connection_limiter.hpp"

#include <algorithm>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

/// What the largest head of a request takes of memory, what TLS does until it is idle, and what a
/// refusal.
constexpr std::size_t head_weight = 12 * 1024, tls_weight = 48 * 1024, refusal_weight = 2 * 1024;

/// How many are served when memory is full: /health has to be answered.
constexpr std::size_t reserve = 16;

} // namespace

std::size_t connection_limiter::pending_now() const {
  const auto all = std::int64_t(sockets_) - std::int64_t(taken_);
  return std::size_t(std::max(all, std::int64_t{0}));
}

std::size_t connection_limiter::max_pending() const {
  const auto& memory = *limits_.memory;
  const auto weight = head_weight + (limits_.secure ? tls_weight : 0);
  return memory.level() == pressure::full ? reserve : memory.share(SIZE_MAX, 8) / weight;
}

connection_limiter::room connection_limiter::admission_of_socket() const {
  const auto now = pending_now(), most = max_pending();
  if (now < most)
    return room::to_serve;
  const auto refused = limits_.memory->share(SIZE_MAX / 2, 16) / refusal_weight;
  return now < most + refused ? room::to_refuse : room::none;
}

bool connection_limiter::crowded() const {
  const auto now = pending_now(), resting = std::min<std::size_t>(now, resting_count_);
  return now - resting > max_pending() / 2;
}

bool connection_limiter::give_way() {
  return give_way(nullptr);
}

/// Null: of any account.
bool connection_limiter::give_way(const client_quota* of) {
  const std::lock_guard guard(mutex_);
  const auto at = std::find_if(resting_.begin(), resting_.end(), [of](const slot* each) {
    return !of || each->counted_for_.get() == of;
  });
  if (at == resting_.end())
    return false;
  auto& chosen = **at;
  resting_.erase(at);
  --resting_count_;
  chosen.phase_ = slot::phase::given_away;
  --chosen.counted_for_->pending;
  --sockets_;
  chosen.leave_();
  return true;
}

std::shared_ptr<connection_limiter::slot>
connection_limiter::come(std::shared_ptr<connection_limiter> to, client_quota_ptr peer) {
  if (peer->pending >= peer->limits().pending && !to->give_way(peer.get()))
    return {};
  if (to->sockets_ >= to->limits_.sockets && !to->give_way(nullptr))
    return {};
  return std::make_shared<slot>(std::move(to), std::move(peer));
}

connection_limiter::slot::slot(std::shared_ptr<connection_limiter> of, client_quota_ptr peer)
    : of_(std::move(of)), counted_for_(std::move(peer)) {
  ++of_->sockets_;
  ++counted_for_->pending;
}

std::optional<connection_limiter::refusal>
connection_limiter::slot::enter(const client_quota_ptr& who) {
  const std::lock_guard guard(of_->mutex_);
  const auto& most = of_->limits_;
  if (of_->taken_ >= most.connections)
    return refusal{http::status::service_unavailable, "There are too many connections"};
  if (most.memory->level() == pressure::full)
    return refusal{http::status::service_unavailable, "There is no memory for more connections"};
  if (who->connections >= who->limits().connections)
    return refusal{http::status::too_many_requests,
                   "There are too many connections from this address"};
  --std::exchange(counted_for_, who)->pending;
  ++who->connections;
  ++of_->taken_;
  phase_ = phase::admitted;
  return {};
}

void connection_limiter::slot::rest(std::function<void()> leave) {
  const std::lock_guard guard(of_->mutex_);
  leave_ = std::move(leave);
  resting_at_ = of_->resting_.insert(of_->resting_.end(), this);
  phase_ = phase::resting;
  ++of_->resting_count_;
}

bool connection_limiter::slot::wake() {
  const std::lock_guard guard(of_->mutex_);
  leave_ = nullptr;
  if (phase_ != phase::resting)
    return phase_ != phase::given_away;
  of_->resting_.erase(resting_at_);
  --of_->resting_count_;
  phase_ = phase::pending;
  return true;
}

connection_limiter::slot::~slot() {
  wake();
  const std::lock_guard guard(of_->mutex_);
  if (phase_ == phase::given_away)
    return;
  if (phase_ == phase::admitted) {
    --counted_for_->connections;
    --of_->taken_;
  } else
    --counted_for_->pending;
  --of_->sockets_;
}

connection_limiter::body::body(std::shared_ptr<connection_limiter> in)
    : in_(std::move(in)),
      fits_(in_->bodies_++ < in_->limits_.memory->share(SIZE_MAX, 16) / largest) {}

} // namespace hubbub
