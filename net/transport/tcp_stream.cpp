#include "net/transport/tcp_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace hubbub {

namespace {

namespace error = boost::asio::error;

/// The largest plaintext of one TLS record, in bytes (RFC 8446, section 5.1).
constexpr std::size_t max_record = 16384;

/// The bytes that one call discards at most, because other connections wait on the same thread.
constexpr std::size_t max_discarded = 1 << 20;

class tls_category_type final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "tls"; }
  std::string message(int code) const override {
    const auto* const text = ERR_reason_error_string(static_cast<unsigned long>(code));
    return text ? text : "unknown TLS error";
  }
};

const tls_category_type tls_category;

/// The handshake messages of one connection at most. A handshake takes about four, and a few key
/// updates may follow (RFC 8446, section 4.6.3). Without this bound one call of OpenSSL would
/// process as many messages as a peer sends.
constexpr std::uint32_t max_handshake_messages = 1000;

void count_handshake_messages(int written, int, int type, const void*, std::size_t, SSL* s, void*) {
  if (written || type != SSL3_RT_HANDSHAKE)
    return;
  if (++*static_cast<std::uint32_t*>(SSL_get_app_data(s)) > max_handshake_messages)
    ::shutdown(SSL_get_fd(s), SHUT_RDWR);
}

/// Returns the bytes of the next record in one piece. They may be in a buffer of the thread, which
/// the next call overwrites.
std::span<const char> next_record(std::span<const iovec> parts) {
  thread_local std::array<char, max_record> gathered;
  const auto bytes = [](const iovec& part) { return static_cast<const char*>(part.iov_base); };
  if (parts.size() == 1 || parts.front().iov_len >= max_record)
    return {bytes(parts.front()), std::min(parts.front().iov_len, max_record)};
  std::size_t size = 0;
  for (const auto& part : parts) {
    const auto n = std::min(part.iov_len, max_record - size);
    std::memcpy(gathered.data() + size, bytes(part), n);
    size += n;
  }
  return {gathered.data(), size};
}

} // namespace

bool tcp_stream::is_plain_http(error_code why) {
  return why.category() == tls_category &&
         ERR_GET_REASON(static_cast<unsigned long>(why.value())) == SSL_R_HTTP_REQUEST;
}

void tcp_stream::set_acknowledge_timeout(std::chrono::milliseconds patience) {
  const auto value = static_cast<unsigned>(patience.count());
  ::setsockopt(core_->socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
}

void tcp_stream::close() {
  core_->phase = tls_phase::ended;
  core_->timer.reset();
  error_code ignored;
  core_->socket.close(ignored);
}

void tcp_stream::shutdown_send() {
  auto& c = *core_;
  if (c.ssl && c.phase == tls_phase::established) {
    ERR_clear_error();
    SSL_shutdown(c.ssl.get()); // sends close_notify (RFC 8446, section 6.1) and awaits none
  }
  c.phase = tls_phase::ended;
  error_code ignored;
  c.socket.shutdown(tcp_socket::shutdown_send, ignored);
}

bool tcp_stream::discard() {
  // MSG_TRUNC discards the bytes of TCP without a copy: tcp(7).
  const auto size =
      ::recv(core_->socket.native_handle(), nullptr, max_discarded, MSG_TRUNC | MSG_DONTWAIT);
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

void tcp_stream::core::start_tls(tls with, completion<error_code> done) {
  error_code failed;
  socket.native_non_blocking(true, failed);
  ssl = std::move(with);
  SSL_set_fd(ssl.get(), socket.native_handle());
  SSL_set_app_data(ssl.get(), &handshake_messages);
  SSL_set_msg_callback(ssl.get(), count_handshake_messages);
  handshake(std::move(done));
}

void tcp_stream::core::handshake(completion<error_code> done) {
  if (is_cancelled())
    return done(error::operation_aborted);
  ERR_clear_error();
  const auto result = SSL_do_handshake(ssl.get());
  if (result == 1) {
    if (phase == tls_phase::handshake)
      phase = tls_phase::established;
    return done({});
  }
  const auto tried = tls_result(result);
  if (tried.ec == error::would_block)
    return retry(tried, &core::handshake, std::move(done));
  if (is_plain_http(tried.ec))
    ssl.reset();
  done(tried.ec);
}

void tcp_stream::core::read(boost::asio::mutable_buffer into,
                            completion<error_code, std::size_t> done) {
  if (is_cancelled())
    return done(error::operation_aborted, 0);
  std::size_t size = 0;
  ERR_clear_error();
  const auto result = SSL_read_ex(ssl.get(), into.data(), into.size(), &size);
  if (result == 1 || into.size() == 0)
    return done({}, size);
  const auto tried = tls_result(result);
  if (tried.ec != error::would_block)
    return done(tried.ec, 0);
  retry(
      tried, [into](core& c, auto then) { c.read(into, std::move(then)); }, std::move(done));
}

void tcp_stream::core::write(boost::asio::const_buffer from,
                             completion<error_code, std::size_t> done) {
  if (is_cancelled())
    return done(error::operation_aborted, 0);
  const iovec part{const_cast<void*>(from.data()), from.size()};
  const auto tried = try_write({&part, 1});
  if (tried.ec != error::would_block)
    return done(tried.ec, tried.bytes);
  retry(
      tried, [from](core& c, auto then) { c.write(from, std::move(then)); }, std::move(done));
}

tcp_stream::attempt tcp_stream::core::try_write(std::span<const iovec> parts) {
  if (!ssl) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    for (;;) {
      const auto sent = ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0)
        return {std::size_t(sent)};
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        return {0, error::would_block};
      if (errno != EINTR)
        return {0, {errno, boost::system::system_category()}};
    }
  }
  auto next = next_record(parts);
  if (pending_write_bytes) // OpenSSL demands the same length again
    next = next.first(pending_write_bytes);
  if (next.empty())
    return {};
  std::size_t size = 0;
  ERR_clear_error();
  const auto result = SSL_write_ex(ssl.get(), next.data(), next.size(), &size);
  pending_write_bytes = result == 1 ? 0 : next.size();
  return result == 1 ? attempt{size} : tls_result(result);
}

tcp_stream::attempt tcp_stream::core::tls_result(int result) {
  const auto system = errno;
  switch (SSL_get_error(ssl.get(), result)) {
  case SSL_ERROR_WANT_READ:
    return {0, error::would_block, tcp_socket::wait_read};
  case SSL_ERROR_WANT_WRITE:
    return {0, error::would_block, tcp_socket::wait_write};
  case SSL_ERROR_ZERO_RETURN:
    return {0, error::eof};
  case SSL_ERROR_SYSCALL:
    phase = tls_phase::ended;
    if (system == 0)
      return {0, error::eof};
    return {0, {system, boost::system::system_category()}};
  default:
    phase = tls_phase::ended;
    const auto code = ERR_peek_error();
    // Most peers close without close_notify. That is safe here, because the messages of HTTP and
    // WebSocket carry their own end.
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
      return {0, error::eof};
    return {0, {int(code), tls_category}};
  }
}

template<class Again, class... Args>
void tcp_stream::core::retry(const attempt& tried, Again again,
                             completion<error_code, Args...> done) {
  socket.async_wait(tried.until, [self = shared_from_this(), again,
                                  done = std::move(done)](error_code ec) mutable {
    if (ec)
      done(ec, Args{}...);
    else
      std::invoke(again, *self, std::move(done));
  });
}

/// Returns true after the deadline or after `close`. The descriptor must not be used then: it may
/// belong to another connection.
bool tcp_stream::core::is_cancelled() const {
  return expired || !socket.is_open();
}

void tcp_stream::core::set_deadline(std::chrono::steady_clock::duration patience) {
  expired = false;
  if (!timer)
    timer = std::make_unique<io_timer>(socket.get_executor());
  timer->expires_after(patience);
  timer->async_wait([self = shared_from_this()](error_code ec) {
    if (ec || !self->timer || self->timer->expiry() > std::chrono::steady_clock::now())
      return; // the deadline was moved
    self->expired = true;
    self->socket.cancel(ec);
  });
}

} // namespace hubbub
