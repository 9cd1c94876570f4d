// On loopback connect(2) reports a refusal at once.
#include "tests/torture/tcp.hpp"

#include "tests/support/socket.hpp"

#include <cerrno>
#include <netinet/tcp.h>

namespace torture {

listener::listener(std::uint16_t reserved) : socket_{test::new_socket()} {
  if (reserved != 0)
    test::set(socket_, SOL_SOCKET, SO_REUSEADDR, 1);
  auto where = test::endpoint("127.0.0.1", reserved);
  socklen_t size = sizeof where;
  auto* const raw = reinterpret_cast<sockaddr*>(&where);
  test::checked(::bind(socket_.get(), raw, size), "bind");
  test::checked(::listen(socket_.get(), 256), "listen");
  test::checked(::getsockname(socket_.get(), raw, &size), "getsockname");
  port_ = ntohs(where.sin_port);
}

test::descriptor listener::accept() const {
  return test::descriptor{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

void use_tiny_window(const test::descriptor& socket) {
  test::set(socket, SOL_SOCKET, SO_RCVBUF, 4096);
  // The peer's kernel sizes its send buffer by the largest segment that we accept.
  test::set(socket, IPPROTO_TCP, TCP_MAXSEG, 536);
}

test::descriptor dial(std::uint16_t port, receive_window size) {
  auto made = test::new_socket();
  if (size == receive_window::tiny)
    use_tiny_window(made);
  if (!test::connect_to(port, made))
    return {};
  return made;
}

void set_no_delay(const test::descriptor& socket) {
  test::set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

std::optional<std::string> take(const test::descriptor& from, std::size_t most) {
  std::string bytes(most, '\0');
  auto size = ::recv(from.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return "";
  if (size <= 0)
    return {};
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

bool give(const test::descriptor& to, std::string& bytes) {
  while (!bytes.empty()) {
    auto size = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0)
      return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
    bytes.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

} // namespace torture
