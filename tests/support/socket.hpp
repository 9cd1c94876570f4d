// TCP sockets on loopback as the kernel has them, for whoever speaks over many or odd ones.
// Knows errno; must not know what is said.
#pragma once

#include "tests/support/checked.hpp"
#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace test {

sockaddr_in endpoint(const std::string& host, std::uint16_t port);

/// That never blocks.
descriptor new_socket();

template<class Value>
void set(const descriptor& socket, int level, int option, Value value) {
  checked(::setsockopt(socket.get(), level, option, &value, sizeof value), "setsockopt");
}

/// A port of 127.0.0.1 that belongs to this object for its lifetime: the kernel gives it to nobody
/// else, neither to a server that asks for any port nor to an outgoing connection. A server that
/// sets SO_REUSEADDR, as hubbub and PostgreSQL do, can listen on it, end, and listen again; while
/// none does, connections are refused.
class held_port {
public:
  held_port();

  std::uint16_t number() const { return number_; }

private:
  descriptor socket_;
  std::uint16_t number_ = 0;
};

/// Its end is a reset, which leaves no port to rest for a minute.
void reset_at_end(const descriptor& socket);

/// Begins to connect to 127.0.0.1. False: it cannot be, errno says why. Each address to come from
/// has some 28,000 ports.
bool connect_to(std::uint16_t port, const descriptor& socket,
                const std::string& from = "127.0.0.1");

} // namespace test
