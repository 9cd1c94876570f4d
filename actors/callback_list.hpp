// Callbacks that are called together.
// Knows: the callbacks. Must not know: the event that the callbacks wait for.
#pragma once

#include "storage/thread_safety.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace hubbub {

/// Threads: all calls may come from any thread. `call` runs the callbacks on its caller's thread,
/// one caller at a time, and holds the mutex meanwhile, so a callback must not use this list.
/// Lifetime: the owner of the list calls `clear` before anything that a callback uses is destroyed.
/// Invariant: after `clear` has returned, no callback runs.
class callback_list {
public:
  void add(std::function<void()> callback) {
    const mutex_lock guard(mutex_);
    callbacks_.push_back(std::move(callback));
  }

  void clear() {
    const mutex_lock guard(mutex_);
    callbacks_.clear();
  }

  void call() {
    const mutex_lock guard(mutex_);
    for (const auto& callback : callbacks_)
      callback();
  }

private:
  annotated_mutex mutex_;
  std::vector<std::function<void()>> callbacks_ HUBBUB_GUARDED_BY(mutex_);
};

} // namespace hubbub
