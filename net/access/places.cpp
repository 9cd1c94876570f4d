#include "net/access/places.hpp"

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

std::size_t places::now_at_door() const {
  const auto all = std::int64_t(sockets_) - std::int64_t(taken_);
  return std::size_t(std::max(all, std::int64_t{0}));
}

std::size_t places::most_at_door() const {
  const auto& memory = *limits_.memory;
  const auto weight = head_weight + (limits_.secure ? tls_weight : 0);
  return memory.level() == pressure::full ? reserve : memory.share(SIZE_MAX, 8) / weight;
}

places::room places::at_door() const {
  const auto now = now_at_door(), most = most_at_door();
  if (now < most)
    return room::to_serve;
  const auto refused = limits_.memory->share(SIZE_MAX / 2, 16) / refusal_weight;
  return now < most + refused ? room::to_refuse : room::none;
}

bool places::crowded() const {
  const auto now = now_at_door(), resting = std::min<std::size_t>(now, resting_count_);
  return now - resting > most_at_door() / 2;
}

bool places::give_way() {
  return give_way(nullptr);
}

/// Null: of any account.
bool places::give_way(const account* of) {
  const std::lock_guard guard(mutex_);
  const auto at = std::find_if(resting_.begin(), resting_.end(), [of](const guest* each) {
    return !of || each->counted_for_.get() == of;
  });
  if (at == resting_.end())
    return false;
  auto& chosen = **at;
  resting_.erase(at);
  --resting_count_;
  chosen.phase_ = guest::phase::given_away;
  --chosen.counted_for_->at_door;
  --sockets_;
  chosen.leave_();
  return true;
}

std::shared_ptr<places::guest> places::come(std::shared_ptr<places> to, account_ptr peer) {
  if (peer->at_door >= peer->limits().at_door && !to->give_way(peer.get()))
    return {};
  if (to->sockets_ >= to->limits_.sockets && !to->give_way(nullptr))
    return {};
  return std::make_shared<guest>(std::move(to), std::move(peer));
}

places::guest::guest(std::shared_ptr<places> of, account_ptr peer)
    : of_(std::move(of)), counted_for_(std::move(peer)) {
  ++of_->sockets_;
  ++counted_for_->at_door;
}

std::optional<places::refusal> places::guest::enter(const account_ptr& who) {
  const std::lock_guard guard(of_->mutex_);
  const auto& most = of_->limits_;
  if (of_->taken_ >= most.connections)
    return refusal{http::status::service_unavailable, "There are too many connections"};
  if (most.memory->level() == pressure::full)
    return refusal{http::status::service_unavailable, "There is no memory for more connections"};
  if (who->connections >= who->limits().connections)
    return refusal{http::status::too_many_requests,
                   "There are too many connections from this address"};
  --std::exchange(counted_for_, who)->at_door;
  ++who->connections;
  ++of_->taken_;
  phase_ = phase::inside;
  return {};
}

void places::guest::rest(std::function<void()> leave) {
  const std::lock_guard guard(of_->mutex_);
  leave_ = std::move(leave);
  resting_at_ = of_->resting_.insert(of_->resting_.end(), this);
  phase_ = phase::resting;
  ++of_->resting_count_;
}

bool places::guest::wake() {
  const std::lock_guard guard(of_->mutex_);
  leave_ = nullptr;
  if (phase_ != phase::resting)
    return phase_ != phase::given_away;
  of_->resting_.erase(resting_at_);
  --of_->resting_count_;
  phase_ = phase::at_door;
  return true;
}

places::guest::~guest() {
  wake();
  const std::lock_guard guard(of_->mutex_);
  if (phase_ == phase::given_away)
    return;
  if (phase_ == phase::inside) {
    --counted_for_->connections;
    --of_->taken_;
  } else
    --counted_for_->at_door;
  --of_->sockets_;
}

places::body::body(std::shared_ptr<places> in)
    : in_(std::move(in)),
      fits_(in_->bodies_++ < in_->limits_.memory->share(SIZE_MAX, 16) / largest) {}

} // namespace hubbub
