// The quotas of client addresses: what each address may still do.
// Knows: rates, bounds, and how long a quota is kept. Must not know: sockets, what is done.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/message_rate.hpp"
#include "actors/token_bucket.hpp"
#include "net/access/forwarded_address.hpp"
#include "storage/thread_safety.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

namespace hubbub {

/// The limits of one address. A rate is per second, and its bucket holds two seconds of it, except
/// for `refused`. A rate of 0 is no limit.
struct address_limits {
  double opens = 0;  ///< HTTP requests, upgrades among them, and TLS handshakes.
  double frames = 0; ///< WebSocket frames and messages by HTTP, of all connections together.
  double refused = 0, refused_at_once = 0; ///< Frames that were answered by an error.
  std::size_t connections = SIZE_MAX;      ///< WebSockets at once.
  std::size_t pending = SIZE_MAX;          ///< Other sockets at once: in HTTP or in its close.
};

/// The quota of one address prefix (`rate_limit_key`), shared by all its sockets.
///
/// Threads: all calls may come from any thread. Lifetime: shared by client_quotas and all sockets
/// of the prefix.
class client_quota : public ingress_quota, public message_rate {
public:
  using clock = token_bucket::clock;

  client_quota(const address_limits& l, clock::time_point now)
      : limits_(l), opens_(l.opens, now), frames_(l.frames, now),
        refused_(l.refused, l.refused_at_once, now) {}

  // Each of these three functions takes from its bucket, and returns false if too little is left.

  bool take_open(clock::time_point now) { return take(limits_.opens, &client_quota::opens_, now); }
  bool take_frame(clock::time_point now) {
    return take(limits_.frames, &client_quota::frames_, now);
  }
  bool take_refused(clock::time_point now, std::uint32_t frames) {
    return take(limits_.refused, &client_quota::refused_, now, frames);
  }

  // The rate of messages that come by requests takes from the bucket of frames.

  std::chrono::seconds wait() override {
    if (limits_.frames == 0)
      return {};
    const mutex_lock lock(mutex_);
    return seconds_of(frames_.wait_for(clock::now(), 1));
  }
  std::chrono::seconds take(std::size_t messages, std::size_t if_refused) override {
    if (limits_.frames == 0)
      return {};
    const auto now = clock::now();
    const mutex_lock lock(mutex_);
    if (frames_.take_or_wait(now, double(messages)) == 0)
      return {};
    frames_.charge(now, double(if_refused));
    return seconds_of(frames_.wait_for(now, double(messages)));
  }
  void charge(std::size_t tokens) override {
    const mutex_lock lock(mutex_);
    frames_.charge(clock::now(), double(tokens));
  }

  /// Returns whether all buckets are full. A new quota would be the same then.
  bool is_full(clock::time_point now) {
    const mutex_lock lock(mutex_);
    return opens_.full(now) && frames_.full(now) && refused_.full(now);
  }

  const address_limits& limits() const { return limits_; }

  /// Counted by connection_limiter.
  std::atomic<std::size_t> pending = 0, connections = 0;

private:
  static std::chrono::seconds seconds_of(double wait) {
    return std::chrono::ceil<std::chrono::seconds>(std::chrono::duration<double>(wait));
  }

  /// A rate of 0 takes no lock, because all proxies share one quota without limits.
  bool take(double rate, token_bucket client_quota::*bucket, clock::time_point now,
            double count = 1) {
    if (rate == 0)
      return true;
    const mutex_lock lock(mutex_);
    return (this->*bucket).take(now, count);
  }

  const address_limits limits_; ///< Constant after construction.

  annotated_mutex mutex_;
  token_bucket opens_ HUBBUB_GUARDED_BY(mutex_);
  token_bucket frames_ HUBBUB_GUARDED_BY(mutex_);
  token_bucket refused_ HUBBUB_GUARDED_BY(mutex_);
};

using client_quota_ptr = std::shared_ptr<client_quota>;

/// One end of a socket, a client or a trusted proxy: its address and its quota.
struct client {
  ip address;
  client_quota_ptr quota;
};

/// All quotas by address prefix. A quota is kept while it is in use, and then until its buckets are
/// full. While over `max_idle` quotas that are not in use are kept, all new prefixes share one
/// quota.
///
/// Threads: all calls may come from any thread. Lifetime: lives longer than the sockets; a quota
/// that is in use lives on its own.
class client_quotas {
public:
  using clock = client_quota::clock;
  static constexpr std::size_t max_idle = 65'536;

  /// Takes the limits of public addresses, and those of all other addresses. A trusted proxy has no
  /// limits, but the clients behind it do.
  client_quotas(const address_limits& of_public, const address_limits& of_private,
                networks proxies);

  /// Returns the other end of a socket: a client or a trusted proxy.
  client peer(const ip& address) { return {address, quota_of(address)}; }

  /// Returns the client that sent this request to the peer. The two are the same unless the peer is
  /// a trusted proxy.
  client client_of(const client& peer, const request_head& head);

  client_quota_ptr quota_of(const ip& address, clock::time_point now = clock::now());

  std::size_t size() const;

private:
  void evict(clock::time_point now) HUBBUB_REQUIRES(mutex_);

  // Constant after construction.
  const address_limits public_, private_;
  const networks proxies_;
  const client_quota_ptr proxy_quota_;
  const client_quota_ptr shared_quota_; ///< Of new prefixes while there are too many.

  mutable annotated_mutex mutex_;
  std::map<ip, client_quota_ptr> all_ HUBBUB_GUARDED_BY(mutex_);
  /// The number of quotas at which `evict` runs next.
  std::size_t evict_at_size_ HUBBUB_GUARDED_BY(mutex_) = 1024;
  clock::time_point evicted_at_ HUBBUB_GUARDED_BY(mutex_){};
  bool over_max_idle_ HUBBUB_GUARDED_BY(mutex_) = false;
};

} // namespace hubbub
