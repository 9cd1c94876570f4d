// What each address on the internet may do: the accounts of those who are here, and of those who
// were here a moment ago.
// Knows: rates, bounds, and how long to remember. Must not know: sockets, what is done.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/token_bucket.hpp"
#include "net/access/forwarded_address.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace hubbub {

/// Rates a second, each with twice that in one go, but for `refused`; 0: no limit.
struct address_limits {
  double opens = 0;  ///< HTTP requests, upgrades among them, and handshakes of TLS.
  double frames = 0; ///< WebSocket frames, of all connections together.
  double refused = 0, refused_at_once = 0; ///< Frames that were answered by an error.
  std::size_t connections = SIZE_MAX;      ///< WebSockets at once.
  std::size_t pending = SIZE_MAX;          ///< Other sockets at once: who asks, or lingers.
};

/// Of all who come from one prefix: to the ingress budget they are one. Any thread.
class client_quota : public ingress_quota {
public:
  using clock = token_bucket::clock;

  client_quota(const address_limits& l, clock::time_point now)
      : limits_(l), opens_(l.opens, now), frames_(l.frames, now),
        refused_(l.refused, l.refused_at_once, now) {}

  bool take_open(clock::time_point now) { return take(limits_.opens, opens_, now, 1); }
  bool take_frame(clock::time_point now) { return take(limits_.frames, frames_, now, 1); }
  bool take_refused(clock::time_point now, std::uint32_t frames) {
    return take(limits_.refused, refused_, now, frames);
  }

  /// Nothing that it took is missing: a new account would be the same.
  bool is_full(clock::time_point now) {
    const std::lock_guard guard(mutex_);
    return opens_.full(now) && frames_.full(now) && refused_.full(now);
  }

  const address_limits& limits() const { return limits_; }

  // Counted by those who bound them.
  std::atomic<std::size_t> pending = 0, connections = 0;

private:
  bool take(double rate, token_bucket& from, clock::time_point now, double much) {
    if (rate == 0)
      return true;
    const std::lock_guard guard(mutex_);
    return from.take(now, much);
  }

  const address_limits limits_;
  std::mutex mutex_;
  token_bucket opens_, frames_, refused_; ///< Guarded by it.
};

using client_quota_ptr = std::shared_ptr<client_quota>;

/// Somebody with a connection.
struct client {
  ip address;
  client_quota_ptr quota;
};

/// An account is kept while somebody holds it, and after that until it is fresh. Of those that
/// nobody holds at most `max_idle` are kept; whoever comes new while there are more shares
/// one account with all such. Any thread.
class client_quotas {
public:
  using clock = client_quota::clock;
  static constexpr std::size_t max_idle = 65'536;

  /// The limits of public addresses and of all others. Proxies have none; who is behind them has.
  client_quotas(const address_limits& of_public, const address_limits& of_private,
                networks proxies);

  /// Whoever is at the other end of a socket.
  client peer(const ip& address) { return {address, quota_of(address)}; }

  /// Whoever made this request there.
  client client_of(const client& peer, const request_head& head);

  client_quota_ptr quota_of(const ip& address, clock::time_point now = clock::now());

  std::size_t size() const;

private:
  void evict(clock::time_point now);

  const address_limits public_, private_;
  const networks proxies_;
  const client_quota_ptr proxy_quota_, shared_quota_;
  mutable std::mutex mutex_;
  // Guarded by it:
  std::map<ip, client_quota_ptr> all_;
  std::size_t evict_at_size_ = 1024; ///< So many are let be before one looks whom to forget.
  clock::time_point evicted_at_{};
  bool over_max_idle_ = false;
};

} // namespace hubbub
