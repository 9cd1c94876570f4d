// A library to preload into a hub. It ends the hub with code 70 if a detached thread ends with data
// that OpenSSL has to free. OpenSSL frees such data also when the process exits, while the detached
// thread may still be ending: a race.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

namespace {

std::atomic<pthread_key_t> openssl = 0;
std::atomic<bool> known = false;
pthread_key_t mine;

bool is_joined() {
  pthread_attr_t attributes;
  int state = PTHREAD_CREATE_JOINABLE;
  if (::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
    ::pthread_attr_getdetachstate(&attributes, &state);
    ::pthread_attr_destroy(&attributes);
  }
  return state == PTHREAD_CREATE_JOINABLE;
}

/// The destructor of the key `mine`. glibc calls the destructors in the order in which the keys
/// were made, so it calls this one first.
void look(void* /*value*/) {
  if (is_joined() || !::pthread_getspecific(openssl))
    return;
  std::fputs("a thread that nobody joins left something for OpenSSL to free\n", stderr);
  ::_exit(70);
}

template<class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  static const auto real = original<decltype(::pthread_key_create)>("pthread_key_create");
  [[maybe_unused]] static const int first = real(&mine, look);
  const int failed = real(key, destructor);
  Dl_info from{};
  if (!failed && destructor && ::dladdr(reinterpret_cast<void*>(destructor), &from) &&
      std::strstr(from.dli_fname, "libcrypto")) {
    openssl = *key;
    known = true;
  }
  return failed;
}

extern "C" int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  static const auto real = original<decltype(::pthread_setspecific)>("pthread_setspecific");
  if (known && key == openssl)
    real(mine, value);
  return real(key, value);
}
