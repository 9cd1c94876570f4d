#include "net/access/client_quotas.hpp"

#include <iterator>

namespace hubbub {

namespace {

constexpr std::chrono::seconds look_every{1};

} // namespace

client_quotas::client_quotas(const address_limits& of_public, const address_limits& of_others,
                             networks proxies)
    : public_(of_public), others_(of_others), proxies_(std::move(proxies)),
      proxy_quota_(std::make_shared<client_quota>(address_limits{}, clock::now())),
      shared_quota_(std::make_shared<client_quota>(of_public, clock::now())) {}

client client_quotas::behind(const client& peer, const request_head& head) {
  if (peer.quota != proxy_quota_)
    return peer;
  const auto client = client_behind(peer.address, head, proxies_);
  return {client, of(client)};
}

client_quota_ptr client_quotas::of(const ip& address, clock::time_point now) {
  if (any_has(proxies_, address))
    return proxy_quota_;
  const auto prefix = rate_limit_key(address);
  const std::lock_guard guard(mutex_);
  if (const auto at = all_.find(prefix); at != all_.end())
    return at->second;
  if (all_.size() >= look_at_ && (!crowded_ || now - looked_ >= look_every))
    forget(now);
  if (crowded_)
    return shared_quota_;
  const auto& limits = is_public(address) ? public_ : others_;
  return all_.emplace(prefix, std::make_shared<client_quota>(limits, now)).first->second;
}

/// Costs as much as there are accounts, and is done when there are half as many more: a little for
/// each.
void client_quotas::forget(clock::time_point now) {
  std::size_t remembered = 0;
  for (auto at = all_.begin(); at != all_.end();) {
    const bool held = at->second.use_count() > 1;
    const bool stays = held || !at->second->fresh(now);
    remembered += stays && !held;
    at = stays ? std::next(at) : all_.erase(at);
  }
  looked_ = now;
  crowded_ = remembered >= most_remembered;
  look_at_ = crowded_ ? all_.size() : all_.size() + std::max<std::size_t>(1024, all_.size() / 2);
}

std::size_t client_quotas::size() const {
  const std::lock_guard guard(mutex_);
  return all_.size();
}

} // namespace hubbub
