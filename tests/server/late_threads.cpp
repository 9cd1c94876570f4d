// Preloaded into a hub: of its threads each that nobody joins ends late, after all that the process
// does at its exit, and the process waits for it.
#include <array>
#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>
#include <utility>

namespace {

std::atomic<int> unjoined = 0;
std::atomic<bool> exited = false;
pthread_key_t key;

bool is_unjoined() {
  pthread_attr_t attributes;
  int state = PTHREAD_CREATE_JOINABLE;
  if (::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
    ::pthread_attr_getdetachstate(&attributes, &state);
    ::pthread_attr_destroy(&attributes);
  }
  return state == PTHREAD_CREATE_DETACHED;
}

/// glibc calls the destructors of keys in the order in which the keys were made, and begins again
/// as long as one sets a value: the first time here is before any destructor of another library.
void end(void* /*value*/) {
  if (!is_unjoined())
    return;
  exited.wait(false);
}

} // namespace
