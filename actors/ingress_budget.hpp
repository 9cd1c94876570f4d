// The bound on bytes that were accepted from clients and are not yet shown, over all connections.
// Knows: the bytes of each client address and of all. Must not know: the actors that accept
// or show messages.
#pragma once

#include "actors/log_status.hpp"
#include "storage/message.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace hubbub {

/// The bytes that an accepted draft counts: its text, its data, its key, and 512 for what carries
/// them.
inline std::int64_t weight(const draft& d) {
  return std::int64_t(d.text.size() + d.data.size() + d.key.size()) + 512;
}

/// The ingress quota of one client address, shared by all its connections. `used` counts bytes that
/// were accepted and are not yet shown.
struct ingress_quota {
  std::atomic<std::int64_t> used = 0;
};
using ingress_quota_ptr = std::shared_ptr<ingress_quota>;

/// The hub's seam. A test replaces it to act between two steps of `accepts`, as another thread
/// might.
struct no_seam {
  void announces() const {} ///< There was no space, and the wait is not announced yet.
  void announced() const {} ///< The next release calls the callbacks.
};

/// Dynamic threshold: a quota accepts while `used < 7 * (bound - total used)`. A single client can
/// fill at most 7/8 of the bound, so the next one always finds space. While the log is unavailable
/// the bound is the whole limit; while the log is available the bound is an eighth of the limit, a
/// few batches, because more would only wait longer.
///
/// While the log is available and a quota has no space, its sessions stop reading: backpressure.
/// While the log is unavailable they read on, so that senders are told `busy`.
///
/// Threads: all calls may come from any thread. Lifetime: shared by the hub, its actors, the
/// sessions, and every credit. Invariant: `used()` is the sum of `used` over all quotas, except
/// between the two steps of `take` and of a release.
template<class Seam = no_seam>
class basic_ingress_budget {
public:
  explicit basic_ingress_budget(std::int64_t limit_bytes, Seam seam = {})
      : limit_(limit_bytes), short_bound_(std::max(limit_ / 8, std::min(limit_, min_bound))),
        seam_(std::move(seam)) {}

  log_status& log() { return log_; }
  const log_status& log() const { return log_; }

  void take(std::int64_t bytes, ingress_quota& of) {
    of.used += bytes;
    used_ += bytes;
  }

  void give(std::int64_t bytes, ingress_quota& of) {
    of.used -= bytes;
    release(bytes);
  }

  std::int64_t used() const { return used_; }
  std::int64_t limit() const { return limit_; }

  bool has_space(const ingress_quota& of) const {
    return of.used < 7 * ((log_.available() ? short_bound_ : limit_) - used_);
  }

  /// Returns whether a session of this quota may read another frame. After it has returned false,
  /// the callbacks of `on_space` are called when it is time to ask again.
  bool accepts(const ingress_quota& of) {
    if (has_space(of) || !log_.available())
      return true;
    seam_.announces();
    waited_for_ = true;
    seam_.announced();
    // Checks again after announcing the wait: a release between the check and the announcement
    // would otherwise be missed (lost wake-up). Both sides store before they load: this one stores
    // waited_for_ and loads used_, a release stores used_ and loads waited_for_. Only sequential
    // consistency prevents that both loads miss the other's store.
    return has_space(of);
  }

  /// Registers a callback. It is called when bytes are released after `accepts` has returned false,
  /// and when the state of the log changes. It must not block.
  void on_space(std::function<void()> callback) { callbacks_.add(std::move(callback)); }
  void clear_callbacks() { callbacks_.clear(); }

  struct share {
    ingress_quota_ptr quota;
    std::int64_t bytes;
  };

  /// Returns an object whose last copy gives all shares back when it is destroyed.
  static std::shared_ptr<const void> credit(std::shared_ptr<basic_ingress_budget> from,
                                            std::vector<share> all) {
    auto* const owner = from.get();
    return {owner, [from = std::move(from), all = std::move(all)](const basic_ingress_budget*) {
              std::int64_t sum = 0;
              for (const auto& [quota, bytes] : all) {
                quota->used -= bytes;
                sum += bytes;
              }
              from->release(sum);
            }};
  }

private:
  static constexpr std::int64_t min_bound = 1 << 20;

  void release(std::int64_t bytes) {
    used_ -= bytes;
    if (waited_for_.exchange(false))
      callbacks_.call();
  }

  const std::int64_t limit_;
  const std::int64_t short_bound_; ///< While the log is available.
  std::atomic<std::int64_t> used_ = 0;
  std::atomic<bool> waited_for_ = false;
  callback_list callbacks_;
  log_status log_{callbacks_};
  [[no_unique_address]] const Seam seam_;
};

using ingress_budget = basic_ingress_budget<>;

} // namespace hubbub
