// The one bound on what was accepted and is not yet shown, over all connections.
// Knows: how much that is, and whether the log is well. Must not know: who accepts or shows.
#pragma once

#include "storage/message.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace hubbub {

/// What an accepted draft counts: its text, and what carries it.
inline std::int64_t weight(const draft& d) {
  return std::int64_t(d.text.size() + d.key.size()) + 512;
}

/// Whoever is one to the hub, with however many connections, and has so much of the ingress budget.
struct ingress_quota {
  std::atomic<std::int64_t> used = 0;
};
using ingress_quota_ptr = std::shared_ptr<ingress_quota>;

/// Where a test steps in between two steps of `open`, as another thread might. The hub's does
/// nothing.
struct no_seam {
  void announces() const {} ///< There was no room, and nobody knows yet that somebody waits.
  void announced() const {} ///< From now on whoever gives something back calls.
};

/// While the log is well and a source has no room, its sessions stop reading: backpressure. While
/// the log is away, they read on so that senders are told `busy`. All calls may come from any
/// thread.
template<class Seam = no_seam>
class basic_ingress_budget {
public:
  using clock = std::chrono::steady_clock;

  explicit basic_ingress_budget(std::int64_t limit_bytes, Seam seam = {})
      : limit_(limit_bytes), enough_(std::max(limit_ / 8, std::min(limit_, least_enough))),
        seam_(std::move(seam)) {}

  void take(std::int64_t bytes, ingress_quota& of) {
    of.used += bytes;
    used_ += bytes;
  }

  void give(std::int64_t bytes, ingress_quota& of) {
    of.used -= bytes;
    came_back(bytes);
  }

  std::int64_t used() const { return used_; }
  std::int64_t limit() const { return limit_; }

  /// A source may have seven times as much as is free: alone seven eighths of all, and the next
  /// finds room. While the log is well, all is an eighth, some batches: more would just wait
  /// longer.
  bool has_room(const ingress_quota& of) const {
    return of.used < 7 * ((log_is_well() ? enough_ : limit_) - used_);
  }

  /// May a session of this source read another frame? If not, `on_room` calls tell when to ask
  /// again.
  bool open(const ingress_quota& of) {
    if (has_room(of) || !log_is_well())
      return true;
    seam_.announces();
    waited_for_ = true;
    seam_.announced();
    // Room that came between the first look and the announcement was told to nobody (a lost
    // wake-up). Both sides store before they load, which takes sequential consistency.
    return has_room(of);
  }

  /// Called when something was given back to those who wait, or the log's state changes; must not
  /// block.
  void on_room(std::function<void()> call) {
    const std::lock_guard guard(mutex_);
    callbacks_.push_back(std::move(call));
  }

  /// From now on nobody is called.
  void clear_callbacks() {
    const std::lock_guard guard(mutex_);
    callbacks_.clear();
  }

  /// The persistence actor tells how the log is. A log that has not answered for over a second
  /// counts as away, though nobody can say so yet.
  void log_well(bool well) {
    if (well_.exchange(well) != well)
      call_waiting();
  }
  /// Something was stored just now.
  void log_written() { written_at_ = clock::now().time_since_epoch().count(); }
  bool log_written_since(clock::time_point then) const {
    return written_at_ > then.time_since_epoch().count();
  }

  /// While it lives, the log is being asked something.
  class watch {
  public:
    explicit watch(basic_ingress_budget& of) : of_(of) {
      of_.asked_since_ = clock::now().time_since_epoch().count();
    }
    ~watch() { of_.asked_since_ = 0; }
    watch(const watch&) = delete;

  private:
    basic_ingress_budget& of_;
  };

  bool log_is_well() const {
    const auto since = asked_since_.load();
    return well_ &&
           (since == 0 || clock::now().time_since_epoch() - clock::duration(since) < patience);
  }

  struct share {
    ingress_quota_ptr of;
    std::int64_t bytes;
  };

  /// Gives them back when the last copy is gone.
  static std::shared_ptr<const void> credit(std::shared_ptr<basic_ingress_budget> from,
                                            std::vector<share> all) {
    auto* const owner = from.get();
    return {owner, [from = std::move(from), all = std::move(all)](const basic_ingress_budget*) {
              std::int64_t sum = 0;
              for (const auto& [of, bytes] : all) {
                of->used -= bytes;
                sum += bytes;
              }
              from->came_back(sum);
            }};
  }

private:
  static constexpr std::chrono::seconds patience{1};
  static constexpr std::int64_t least_enough = 1 << 20;

  void came_back(std::int64_t bytes) {
    used_ -= bytes;
    if (waited_for_.exchange(false))
      call_waiting();
  }

  void call_waiting() {
    const std::lock_guard guard(mutex_);
    for (const auto& call : callbacks_)
      call();
  }

  const std::int64_t limit_, enough_;
  std::atomic<std::int64_t> used_ = 0;
  std::atomic<bool> waited_for_ = false, well_ = false;
  std::atomic<clock::rep> asked_since_ = 0, written_at_ = 0;
  std::mutex mutex_;
  std::vector<std::function<void()>> callbacks_;
  [[no_unique_address]] const Seam seam_;
};

using ingress_budget = basic_ingress_budget<>;

} // namespace hubbub
