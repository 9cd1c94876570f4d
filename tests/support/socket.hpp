// Plain TCP sockets on the loopback interface, for tests that use many sockets or unusual ones.
// Knows errno. Must not know the bytes.
#pragma once

#include "tests/support/checked.hpp"
#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace test {

sockaddr_in endpoint(const std::string& host, std::uint16_t port);

/// A new non-blocking TCP socket.
descriptor new_socket();

template<class Value>
void set(const descriptor& socket, int level, int option, Value value) {
  checked(::setsockopt(socket.get(), level, option, &value, sizeof value), "setsockopt");
}

/// A port of 127.0.0.1 that this object reserves for its lifetime. The kernel gives the port
/// neither to a server that asks for any free port nor to an outgoing connection. A server that
/// sets SO_REUSEADDR, as hubbub and PostgreSQL do, can listen on it repeatedly. While no server
/// listens, connections are refused.
class held_port {
public:
  held_port();

  std::uint16_t number() const { return number_; }

private:
  descriptor socket_;
  std::uint16_t number_ = 0;
};

/// Makes the close of the socket a reset, which leaves no port in TIME_WAIT for a minute.
void reset_at_end(const descriptor& socket);

/// Begins to connect to 127.0.0.1. Returns false and sets errno if that fails. Each client address
/// `from` has about 28,000 local ports.
bool connect_to(std::uint16_t port, const descriptor& socket,
                const std::string& from = "127.0.0.1");

} // namespace test
