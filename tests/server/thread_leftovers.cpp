// Preloaded into a hub: ends it where a thread that nobody joins leaves something for OpenSSL to
// free. OpenSSL frees all of it when the process exits, while such a thread may still be ending.
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

/// glibc calls the destructors of keys in the order in which the keys were made, this one first.
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
