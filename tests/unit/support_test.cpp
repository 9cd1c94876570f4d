// The support code of the tests: nothing of the machine changes the result of a test.
#include "tests/support/connection.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/hub.hpp"
#include "tests/support/process.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <sstream>
#include <system_error>

using namespace test;

namespace {

/// Returns a socket bound to the port as a server binds it, or a closed one if that fails.
descriptor bound(std::uint16_t port) {
  auto made = new_socket();
  set(made, SOL_SOCKET, SO_REUSEADDR, 1);
  const auto here = endpoint("127.0.0.1", port);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
    made.close();
  return made;
}

} // namespace

TEST_CASE("no variable of the shell reaches a test or a program that it starts") {
  for (const auto* name : {"PORT", "HOST", "DATABASE_URL", "PGHOST", "PGSERVICE", "PGPASSFILE",
                           "LANG", "LC_MESSAGES", "TZ", "XDG_CONFIG_HOME", "OPENSSL_CONF"})
    ::setenv(name, "wrong", 1);
  ::setenv("HOME", "/root", 1);
  ::setenv("LC_ALL", "ru_RU.UTF-8", 1);
  ::setenv("TMPDIR", "/root/there/is/no/such/folder", 1);
  settle_environment();
  for (const auto* name : {"PORT", "HOST", "DATABASE_URL", "PGHOST", "PGSERVICE", "PGPASSFILE",
                           "LANG", "LC_MESSAGES", "TZ", "XDG_CONFIG_HOME", "OPENSSL_CONF"}) {
    CAPTURE(name);
    CHECK_FALSE(variable(name));
  }
  CHECK(variable("LC_ALL") == "C.UTF-8");
  CHECK(variable("HOME") == "/nonexistent");
  CHECK_NOTHROW(temp_dir{});
  std::istringstream lines{run({"/usr/bin/env", {"env"}, {{"PORT", "1"}}}).out};
  for (std::string line; std::getline(lines, line);) {
    const auto name = line.substr(0, line.find('='));
    CAPTURE(line);
    CHECK((line == "PORT=1" || line == "LC_ALL=C.UTF-8" || line == "HOME=/nonexistent" ||
           name == "PATH" || name == "LD_LIBRARY_PATH" || name.ends_with("SAN_OPTIONS")));
  }
}

TEST_CASE("the variables of sanitizers and of the choice of the hub are kept") {
  ::setenv("HUBBUB_OF_THIS_TEST", "yes", 1);
  ::setenv("THIS_SAN_OPTIONS", "some", 1);
  settle_environment();
  CHECK(variable("HUBBUB_OF_THIS_TEST") == "yes");
  CHECK(variable("THIS_SAN_OPTIONS") == "some");
  ::unsetenv("HUBBUB_OF_THIS_TEST");
  ::unsetenv("THIS_SAN_OPTIONS");
}

TEST_CASE("a hub without a given port listens on a free port of this machine alone") {
  const auto bare = hub_command({});
  CHECK(bare.environment.at("PORT") == "0");
  CHECK(bare.environment.at("HOST") == "127.0.0.1");
  CHECK(bare.folder != "/"); // which may have another hubbub.db, or be read-only
  CHECK(hub_command({{"PORT", "abc"}}).environment.at("PORT") == "abc");
}

TEST_CASE("a server can bind a held port, close it, and bind it again") {
  const held_port held;
  for (int start = 0; start < 3; ++start) {
    CHECK_THROWS_AS((connection{held.number(), {.tls = false}}), std::system_error);
    const auto server = bound(held.number());
    REQUIRE(server.get() >= 0);
    REQUIRE(::listen(server.get(), 1) == 0);
    CHECK_NOTHROW((connection{held.number(), {.tls = false}}));
  }
}

TEST_CASE("the kernel gives a held port to no other socket") {
  const held_port held;
  for (int i = 0; i < 2'000; ++i) {
    const held_port other;
    REQUIRE(other.number() != held.number());
  }
  // Nor does the kernel give it to a client that connects to it, which TCP would connect to itself.
  for (int i = 0; i < 2'000; ++i)
    REQUIRE_THROWS_AS((connection{held.number(), {.tls = false}}), std::system_error);
}
