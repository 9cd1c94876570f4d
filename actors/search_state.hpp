// Whether messages can be searched.
// Knows: the states. Must not know: the index, actors.
#pragma once

#include <atomic>

namespace hubbub {

enum class search_status {
  off,      ///< SEARCH is not set.
  building, ///< The index is being made.
  ready,
};

/// Shared by the actors of the index and of searches, and by the readers of the status.
/// Threads: any.
/// Invariant: while the status is `building`, the indexer has a message to itself.
class search_state {
public:
  explicit search_state(bool enabled)
      : status_(enabled ? search_status::building : search_status::off) {}

  search_status status() const { return status_.load(); }

  void set_ready() { status_ = search_status::ready; }

  /// Records that the index is gone. Returns whether it was ready until now.
  bool set_lost() {
    auto expected = search_status::ready;
    return status_.compare_exchange_strong(expected, search_status::building);
  }

private:
  std::atomic<search_status> status_;
};

} // namespace hubbub
