// Runs the tests of the whole server. Knows only what the machine has to allow for them.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <sys/resource.h>

int main(int argc, char** argv) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max; // a thousand sockets here, and the hub inherits it for its own
  ::setrlimit(RLIMIT_NOFILE, &files);
  return doctest::Context{argc, argv}.run();
}
