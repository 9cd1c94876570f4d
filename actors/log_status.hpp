// Whether the log takes messages, and what it has lost, as the persistence actor sees it.
// Knows: the last answer of the log, how long a call of it is under way, and its forks. Must not
// know: what is stored, or what the readers do about it.
#pragma once

#include "actors/callback_list.hpp"
#include "actors/forks.hpp"

#include <atomic>
#include <chrono>

namespace hubbub {

/// The last fork of the log, as operators are told of it.
struct fork_report {
  log_fork fork; ///< Several forks that were found at once are reported as one.
  /// How many of the messages that this hub had stored or shown are lost, at most. Empty if the
  /// fork was made before the hub started: then the hub cannot know.
  std::optional<std::uint64_t> lost_at_most = {};
  std::optional<std::chrono::system_clock::time_point> found_at = {}; ///< Empty likewise.
};

/// A log that has not answered a call for over a second counts as unavailable, even before the call
/// has failed. The callbacks are not called for that.
/// Threads: any thread may read. Only the persistence actor writes (`set_available`,
/// `mark_written`, `set_forks`, `call`); `set_older_hub_lives` is for any thread. Lifetime: a part
/// of the ingress budget. Invariant: `called_at_` is not 0 exactly while an object of class `call`
/// lives, and there is at most one.
class log_status {
public:
  using clock = std::chrono::steady_clock;

  explicit log_status(callback_list& on_change) : on_change_(on_change) {}

  bool available() const {
    const auto since = called_at_.load();
    return available_ &&
           (since == 0 || clock::now().time_since_epoch() - clock::duration(since) < patience);
  }

  /// Calls the callbacks if the state changes.
  void set_available(bool available) {
    if (available_.exchange(available) != available)
      on_change_.call();
  }

  /// Whether a hub of an older version works on the same database, as was found last. Such a hub
  /// does not know `data`. False for SQLite.
  bool older_hub_lives() const { return older_hub_lives_; }

  /// Returns whether the answer has changed.
  bool set_older_hub_lives(bool lives) { return older_hub_lives_.exchange(lives) != lives; }

  /// Records that rows were stored just now.
  void mark_written() { written_at_ = clock::now().time_since_epoch().count(); }
  bool written_since(clock::time_point then) const {
    return written_at_ > then.time_since_epoch().count();
  }

  /// Records all known forks, and the last one if there is any.
  void set_forks(std::vector<log_fork> all, std::optional<fork_report> last) {
    const mutex_lock guard(mutex_);
    forks_ = std::move(all);
    last_fork_ = last;
  }

  std::optional<fork_report> last_fork() const {
    const mutex_lock guard(mutex_);
    return last_fork_;
  }

  /// Returns how many ids are over `from` and up to `to`, without those that forks have skipped.
  std::uint64_t ids_between(row_id from, row_id to) const {
    const mutex_lock guard(mutex_);
    return hubbub::ids_between(forks_, from, to);
  }

  /// While an object of this class lives, a call of the log is under way.
  class call {
  public:
    explicit call(log_status& of) : of_(of) {
      of_.called_at_ = clock::now().time_since_epoch().count();
    }
    ~call() { of_.called_at_ = 0; }
    call(const call&) = delete;

  private:
    log_status& of_;
  };

private:
  static constexpr std::chrono::seconds patience{1};

  std::atomic<bool> available_ = false, older_hub_lives_ = false;
  std::atomic<clock::rep> called_at_ = 0, written_at_ = 0; ///< 0: no call, nothing written.
  callback_list& on_change_;                               ///< Outlives this object.

  mutable annotated_mutex mutex_;
  std::vector<log_fork> forks_ HUBBUB_GUARDED_BY(mutex_);
  std::optional<fork_report> last_fork_ HUBBUB_GUARDED_BY(mutex_);
};

} // namespace hubbub
