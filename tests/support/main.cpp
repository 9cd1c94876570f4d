// The main function of every test program that doctest runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/support/environment.hpp"

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  test::settle_environment();
  return doctest::Context{argc, argv}.run();
}
