// Callbacks that are called together.
// Knows: the callbacks. Must not know: the event that they wait for.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace hubbub {

/// Threads: all calls may come from any thread; `call` runs the callbacks on its caller's thread,
/// one caller at a time. After `clear` has returned, no callback runs.
class callback_list {
public:
  void add(std::function<void()> callback) {
    const std::lock_guard guard(mutex_);
    callbacks_.push_back(std::move(callback));
  }

  void clear() {
    const std::lock_guard guard(mutex_);
    callbacks_.clear();
  }

  void call() {
    const std::lock_guard guard(mutex_);
    for (const auto& callback : callbacks_)
      callback();
  }

private:
  std::mutex mutex_;
  std::vector<std::function<void()>> callbacks_; ///< Guarded by mutex_.
};

} // namespace hubbub
