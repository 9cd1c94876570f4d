// The sockets are non-blocking. poll(2) ends every wait at its deadline.
#include "tests/support/connection.hpp"

#include "tests/support/socket.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <system_error>

namespace test {

namespace {

bool is_end(int error) {
  return error == EPIPE || error == ECONNRESET;
}

} // namespace

connection::connection(std::uint16_t port, const connect_options& how, deadline until)
    : socket_{new_socket()} {
  if (how.receive_buffer != 0)
    set(socket_, SOL_SOCKET, SO_RCVBUF, how.receive_buffer);
  if (how.segment != 0)
    set(socket_, IPPROTO_TCP, TCP_MAXSEG, how.segment);
  set(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
  if (!connect_to(port, socket_, how.from))
    checked(-1, "connect");
  wait_for(socket_.get(), POLLOUT, until, "a connection");
  int error = 0;
  socklen_t size = sizeof error;
  checked(::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size), "getsockopt");
  if (error != 0)
    throw std::system_error{error, std::generic_category(), "connect"};
  if (!how.tls)
    return;
  tls_ = make_client(socket_.get(), how.newest_tls);
  for (int result = 0; (result = SSL_do_handshake(tls_.get())) != 1;) {
    short events = 0;
    if (tls_result(result, events))
      throw std::runtime_error{"there is no TLS with the server"};
    wait_for(socket_.get(), events, until, "a TLS handshake");
  }
}

void connection::send(std::string_view bytes, deadline until) {
  short events = 0;
  while (!bytes.empty()) {
    const auto sent = send_some(bytes, events);
    if (sent == 0u)
      return;
    if (sent)
      bytes.remove_prefix(*sent);
    else
      wait_for(socket_.get(), events, until, "the peer to read");
  }
}

bool connection::read_some(std::string& into, deadline until) {
  char chunk[65536];
  short events = 0;
  for (;;) {
    if (const auto size = receive_some(chunk, sizeof chunk, events)) {
      into.append(chunk, *size);
      return *size > 0;
    }
    wait_for(socket_.get(), events, until, "bytes from the server");
  }
}

std::optional<std::size_t> connection::send_some(std::string_view bytes, short& events) {
  if (tls_) {
    std::size_t size = 0;
    errno = 0;
    const auto result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &size);
    return result == 1 ? size : tls_result(result, events);
  }
  const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  events = POLLOUT;
  if (sent >= 0)
    return static_cast<std::size_t>(sent);
  if (errno == EAGAIN)
    return {};
  if (!is_end(errno))
    throw std::system_error{errno, std::generic_category(), "send"};
  was_reset_ = true;
  return 0;
}

std::optional<std::size_t> connection::receive_some(char* into, std::size_t size, short& events) {
  if (tls_) {
    errno = 0;
    const auto result = SSL_read_ex(tls_.get(), into, size, &size);
    return result == 1 ? size : tls_result(result, events);
  }
  const auto got = ::recv(socket_.get(), into, size, 0);
  events = POLLIN;
  if (got >= 0)
    return static_cast<std::size_t>(got);
  if (errno == EAGAIN)
    return {};
  if (!is_end(errno))
    throw std::system_error{errno, std::generic_category(), "recv"};
  was_reset_ = true;
  return 0;
}

/// Explains the failure of an OpenSSL call: no value and `events` to wait for, or 0 for the end of
/// the connection.
std::optional<std::size_t> connection::tls_result(int result, short& events) {
  const auto error = errno;
  const auto why = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    return {};
  }
  was_reset_ |= is_end(error); // OpenSSL reports a reset in several ways
  return 0;
}

std::string connection::read_until_closed(deadline until) {
  std::string all;
  while (read_some(all, until)) {
  }
  return all;
}

bool connection::readable(deadline until) {
  pollfd waited{socket_.get(), POLLIN, 0};
  if (!tls_)
    return ::poll(&waited, 1, until.left()) > 0;
  // The bytes that arrived may be a TLS record without any payload, a session ticket for example.
  for (;;) {
    char next;
    std::size_t size = 0;
    const auto result = SSL_peek_ex(tls_.get(), &next, 1, &size);
    if (result == 1 || tls_result(result, waited.events))
      return true;
    if (::poll(&waited, 1, until.left()) <= 0)
      return false;
  }
}

void connection::finish() {
  if (tls_)
    SSL_shutdown(tls_.get());
  ::shutdown(socket_.get(), SHUT_WR);
}

void connection::reset() {
  reset_at_end(socket_);
  socket_.close();
}

} // namespace test
