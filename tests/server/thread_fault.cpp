// A library to preload into a hub. pthread_create fails with EAGAIN from call THREAD_FAULT_FROM on,
// and works again from call THREAD_FAULT_TO on. Calls are counted from 1.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>

namespace {

int number(const char* name) {
  const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): no thread sets one
  return value ? std::atoi(value) : 0;
}

} // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*run)(void*),
                              void* with) {
  using function = decltype(&pthread_create);
  static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "pthread_create"));
  static const int from = number("THREAD_FAULT_FROM"), to = number("THREAD_FAULT_TO");
  static std::atomic<int> made = 0;
  const int mine = ++made;
  return mine >= from && mine < to ? EAGAIN : real(thread, how, run, with);
}
