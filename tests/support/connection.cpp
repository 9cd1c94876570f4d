// Non-blocking sockets under a blocking face: poll(2) keeps every wait inside its deadline.
#include "tests/support/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <system_error>

namespace test {

namespace {

void checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category(), what};
}

sockaddr_in address(const std::string& host, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &result.sin_addr);
  return result;
}

descriptor make_socket(int flags = 0) {
  auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  checked(fd, "socket");
  return descriptor{fd};
}

int bind_to(const descriptor& socket, const std::string& host, std::uint16_t port) {
  auto where = address(host, port);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&where), sizeof where);
}

template<class Value>
void set(const descriptor& socket, int level, int option, Value value) {
  checked(::setsockopt(socket.get(), level, option, &value, sizeof value), "setsockopt");
}

bool is_end(int error) {
  return error == EPIPE || error == ECONNRESET;
}

} // namespace

std::uint16_t free_port() {
  std::random_device random;
  for (int i = 0; i < 100; ++i) {
    auto port = static_cast<std::uint16_t>(15'000 + random() % 17'000);
    if (bind_to(make_socket(), "127.0.0.1", port) == 0)
      return port;
  }
  throw std::runtime_error{"no free port"};
}

connection::connection(std::uint16_t port, const connect_options& how, deadline until)
    : socket_{make_socket(SOCK_NONBLOCK)} {
  if (how.receive_buffer != 0)
    set(socket_, SOL_SOCKET, SO_RCVBUF, how.receive_buffer);
  set(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
  if (how.from != "127.0.0.1")
    checked(bind_to(socket_, how.from, 0), "bind");
  auto to = address("127.0.0.1", port);
  auto result = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to);
  if (result < 0 && errno != EINPROGRESS)
    checked(result, "connect");
  wait_for(socket_.get(), POLLOUT, until, "a connection");
  int error = 0;
  socklen_t size = sizeof error;
  checked(::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size), "getsockopt");
  if (error != 0)
    throw std::system_error{error, std::generic_category(), "connect"};
}

void connection::send(std::string_view bytes, deadline until) {
  while (!bytes.empty()) {
    auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (is_end(errno)) {
      was_reset_ = true;
      return;
    } else if (errno == EAGAIN)
      wait_for(socket_.get(), POLLOUT, until, "the peer to read");
    else
      throw std::system_error{errno, std::generic_category(), "send"};
  }
}

bool connection::read_some(std::string& into, deadline until) {
  char chunk[65536];
  for (;;) {
    auto size = ::recv(socket_.get(), chunk, sizeof chunk, 0);
    if (size > 0)
      return into.append(chunk, static_cast<std::size_t>(size)), true;
    if (size == 0 || is_end(errno)) {
      was_reset_ |= size < 0;
      return false;
    }
    if (errno != EAGAIN)
      throw std::system_error{errno, std::generic_category(), "recv"};
    wait_for(socket_.get(), POLLIN, until, "bytes from the server");
  }
}

std::string connection::read_until_closed(deadline until) {
  std::string all;
  while (read_some(all, until)) {
  }
  return all;
}

bool connection::readable(deadline until) const {
  pollfd waited{socket_.get(), POLLIN, 0};
  return ::poll(&waited, 1, until.left()) > 0;
}

void connection::finish() {
  ::shutdown(socket_.get(), SHUT_WR);
}

void connection::reset() {
  set(socket_, SOL_SOCKET, SO_LINGER, linger{1, 0});
  socket_.close();
}

} // namespace test
