// TCP connections over loopback.
// Knows: sockets and addresses. Must not know: what is sent.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace bench {

/// Throws if the result of a system call is negative.
inline void check(int result, const char* what) {
  if (result < 0)
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

inline sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
  address.sin_port = htons(port);
  return address;
}

/// Begins to connect a new socket, which does not block, to a port of 127.0.0.1. The source address
/// is that many addresses behind it.
inline int begin_connect(std::uint32_t source, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  check(fd, "socket");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const auto from = loopback(source, 0);
  check(bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from), "bind");
  const auto to = loopback(0, port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    check(-1, "connect");
  return fd;
}

} // namespace bench
