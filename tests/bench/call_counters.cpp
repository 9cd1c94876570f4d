// A library that is preloaded into a server (LD_PRELOAD) and counts what a hot path should avoid:
// allocations, locks, wake-ups of threads, and calls of send().
// Knows: glibc's entry points. Must not know: the server.

#include "call_counters.hpp"

#include <cerrno>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>

namespace {

bench::counts unread; // counts before the file is mapped, or where there is no file
bench::counts* all = &unread;

[[gnu::constructor]] void open_counts() {
  const char* name = std::getenv(bench::counts_variable);
  const int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (auto* mapped = fd < 0 ? nullptr : bench::map_counts(fd))
    all = mapped;
}

void count(bench::counter what) {
  (*all)[what].fetch_add(1, std::memory_order_relaxed);
}

/// The function of the C library that has this name.
template<class F>
F* behind(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

// These names of glibc are needed because dlsym itself allocates.
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  count(bench::allocations);
  return __libc_malloc(size);
}
void* calloc(size_t n, size_t size) {
  count(bench::allocations);
  return __libc_calloc(n, size);
}
void* realloc(void* old, size_t size) {
  count(bench::allocations);
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  count(bench::allocations);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** to, size_t alignment, size_t size) {
  count(bench::allocations);
  *to = __libc_memalign(alignment, size);
  return *to ? 0 : ENOMEM;
}

int pthread_mutex_lock(pthread_mutex_t* m) noexcept {
  static const auto real = behind<decltype(pthread_mutex_lock)>("pthread_mutex_lock");
  count(bench::locks);
  return real(m);
}
int pthread_mutex_trylock(pthread_mutex_t* m) noexcept {
  static const auto real = behind<decltype(pthread_mutex_trylock)>("pthread_mutex_trylock");
  count(bench::locks);
  return real(m);
}
int pthread_rwlock_rdlock(pthread_rwlock_t* l) noexcept {
  static const auto real = behind<decltype(pthread_rwlock_rdlock)>("pthread_rwlock_rdlock");
  count(bench::locks);
  return real(l);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* l) noexcept {
  static const auto real = behind<decltype(pthread_rwlock_wrlock)>("pthread_rwlock_wrlock");
  count(bench::locks);
  return real(l);
}
int pthread_cond_signal(pthread_cond_t* c) noexcept {
  static const auto real = behind<decltype(pthread_cond_signal)>("pthread_cond_signal");
  count(bench::wakes);
  return real(c);
}
int pthread_cond_broadcast(pthread_cond_t* c) noexcept {
  static const auto real = behind<decltype(pthread_cond_broadcast)>("pthread_cond_broadcast");
  count(bench::wakes);
  return real(c);
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  static const auto real = behind<decltype(send)>("send");
  count(bench::sends);
  return real(fd, data, size, flags);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto real = behind<decltype(sendmsg)>("sendmsg");
  count(bench::sends);
  return real(fd, message, flags);
}
}
