// The annotations of clang's thread safety analysis, and a mutex that the analysis knows.
// Knows: the attributes of clang. Must not know: what a mutex guards.
#pragma once

#include <mutex>

// `clang++ -Wthread-safety` checks these annotations. Other compilers see nothing. The names are
// those of clang's documentation of the analysis, with the prefix of this project.
#if defined(__clang__)
#define HUBBUB_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define HUBBUB_THREAD_ATTRIBUTE(x)
#endif

/// On a class: its objects are locks.
#define HUBBUB_CAPABILITY(name) HUBBUB_THREAD_ATTRIBUTE(capability(name))
/// On a class: its objects hold a lock from their construction to their destruction.
#define HUBBUB_SCOPED_CAPABILITY HUBBUB_THREAD_ATTRIBUTE(scoped_lockable)
/// On a member: it may be used only while the mutex is held.
#define HUBBUB_GUARDED_BY(mutex) HUBBUB_THREAD_ATTRIBUTE(guarded_by(mutex))
/// On a function or a lambda: the caller holds the mutexes.
#define HUBBUB_REQUIRES(...) HUBBUB_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
/// On a function: the caller does not hold the mutexes, because the function locks them.
#define HUBBUB_EXCLUDES(...) HUBBUB_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
/// On a function: it locks or unlocks the mutexes.
#define HUBBUB_ACQUIRE(...) HUBBUB_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define HUBBUB_RELEASE(...) HUBBUB_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
/// On a function that the analysis cannot follow. A comment beside it says why it is correct.
#define HUBBUB_NO_THREAD_SAFETY_ANALYSIS HUBBUB_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace hubbub {

/// A std::mutex with annotations, which the mutex of libstdc++ does not have.
class HUBBUB_CAPABILITY("mutex") annotated_mutex {
private:
  friend class mutex_lock;

  std::mutex mutex_;
};

/// Holds a mutex for its lifetime, like std::unique_lock. The mutex outlives it.
///
/// A std::condition_variable waits on `native()`. The analysis does not look into the wait, so the
/// predicate says that the lock is held:
/// `changed_.wait(lock.native(), [this]() HUBBUB_REQUIRES(mutex_) { return ready_; });`
class HUBBUB_SCOPED_CAPABILITY mutex_lock {
public:
  explicit mutex_lock(annotated_mutex& mutex) HUBBUB_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~mutex_lock() HUBBUB_RELEASE() {}
  mutex_lock(const mutex_lock&) = delete;
  mutex_lock& operator=(const mutex_lock&) = delete;

  std::unique_lock<std::mutex>& native() { return lock_; }

private:
  std::unique_lock<std::mutex> lock_;
};

} // namespace hubbub
