#include "net/access/client_quotas.hpp"

#include <iterator>

namespace hubbub {

namespace {

constexpr std::chrono::seconds evict_interval{1};

} // namespace

client_quotas::client_quotas(const address_limits& of_public, const address_limits& of_private,
                             networks proxies)
    : public_(of_public), private_(of_private), proxies_(std::move(proxies)),
      proxy_quota_(std::make_shared<client_quota>(address_limits{}, clock::now())),
      shared_quota_(std::make_shared<client_quota>(of_public, clock::now())) {}

client client_quotas::client_of(const client& peer, const request_head& head) {
  if (peer.quota != proxy_quota_)
    return peer;
  const auto address = client_address(peer.address, head, proxies_);
  return {address, quota_of(address)};
}

client_quota_ptr client_quotas::quota_of(const ip& address, clock::time_point now) {
  if (any_contains(proxies_, address))
    return proxy_quota_;
  const auto prefix = rate_limit_key(address);
  const mutex_lock lock(mutex_);
  if (const auto at = all_.find(prefix); at != all_.end())
    return at->second;
  if (all_.size() >= evict_at_size_ && (!over_max_idle_ || now - evicted_at_ >= evict_interval))
    evict(now);
  if (over_max_idle_)
    return shared_quota_;
  const auto& limits = is_public(address) ? public_ : private_;
  return all_.emplace(prefix, std::make_shared<client_quota>(limits, now)).first->second;
}

/// Removes the quotas that are neither in use nor short of anything. The cost is linear in the
/// number of quotas. `evict` runs again when that number has grown by half, so the amortized cost
/// of a new quota is constant.
void client_quotas::evict(clock::time_point now) {
  std::size_t idle = 0;
  for (auto at = all_.begin(); at != all_.end();) {
    const bool in_use = at->second.use_count() > 1;
    const bool stays = in_use || !at->second->is_full(now);
    idle += stays && !in_use;
    at = stays ? std::next(at) : all_.erase(at);
  }
  evicted_at_ = now;
  over_max_idle_ = idle >= max_idle;
  evict_at_size_ =
      over_max_idle_ ? all_.size() : all_.size() + std::max<std::size_t>(1024, all_.size() / 2);
}

std::size_t client_quotas::size() const {
  const mutex_lock lock(mutex_);
  return all_.size();
}

} // namespace hubbub
