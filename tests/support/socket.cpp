// Thin wrappers of system calls.
#include "tests/support/socket.hpp"

#include <arpa/inet.h>
#include <cerrno>

namespace test {

sockaddr_in endpoint(const std::string& host, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &out.sin_addr);
  return out;
}

descriptor new_socket() {
  return descriptor{
      checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")};
}

held_port::held_port() : socket_{new_socket()} {
  set(socket_, SOL_SOCKET, SO_REUSEADDR, 1);
  auto here = endpoint("127.0.0.1", 0);
  socklen_t size = sizeof here;
  auto* const raw = reinterpret_cast<sockaddr*>(&here);
  checked(::bind(socket_.get(), raw, size), "bind");
  checked(::getsockname(socket_.get(), raw, &size), "getsockname");
  number_ = ntohs(here.sin_port);
}

void reset_at_end(const descriptor& socket) {
  set(socket, SOL_SOCKET, SO_LINGER, linger{1, 0});
}

bool connect_to(std::uint16_t port, const descriptor& socket, const std::string& from) {
  // The kernel chooses the local port in connect(2), when it knows the peer. So the port is taken
  // for this peer only.
  set(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const auto here = endpoint(from, 0), there = endpoint("127.0.0.1", port);
  checked(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), "bind");
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0 ||
         errno == EINPROGRESS;
}

} // namespace test
