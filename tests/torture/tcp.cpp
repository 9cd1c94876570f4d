// Loopback answers a connect at once, so that a refusal is known when it returns.
#include "tests/torture/tcp.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>

namespace torture {

namespace {

sockaddr_in local(std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return where;
}

test::descriptor new_socket() {
  test::descriptor made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (made.get() < 0)
    throw std::system_error{errno, std::generic_category(), "socket"};
  return made;
}

void set(const test::descriptor& socket, int level, int option, int value) {
  ::setsockopt(socket.get(), level, option, &value, sizeof value);
}

} // namespace

listener::listener() : socket_{new_socket()} {
  auto where = local(0);
  socklen_t size = sizeof where;
  if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&where), size) != 0 ||
      ::listen(socket_.get(), 256) != 0 ||
      ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&where), &size) != 0)
    throw std::system_error{errno, std::generic_category(), "listen"};
  port_ = ntohs(where.sin_port);
}

test::descriptor listener::accept() const {
  return test::descriptor{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

test::descriptor dial(std::uint16_t port, window size) {
  auto made = new_socket();
  if (size == window::tiny) {
    set(made, SOL_SOCKET, SO_RCVBUF, 4096);
    // The peer's kernel sizes its buffer by the segments that we accept.
    set(made, IPPROTO_TCP, TCP_MAXSEG, 536);
  }
  auto where = local(port);
  if (::connect(made.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0 &&
      errno != EINPROGRESS)
    return {};
  return made;
}

void send_at_once(const test::descriptor& socket) {
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
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
