// One TCP connection, with or without TLS, as a stream of bytes.
// Knows: the socket, TLS, a deadline. Must not know: HTTP, WebSocket, queues.
#pragma once

#include "net/transport/completion.hpp"
#include "net/transport/coroutine.hpp"
#include "net/transport/tls_certificate.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <span>
#include <sys/uio.h>

namespace hubbub {

using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, io_executor>;

/// A handle of one connection: copies share the connection.
///
/// Threads: all calls come from the thread of the io_context. Lifetime: an operation that is under
/// way keeps the connection alive. Invariant: at most one read and one write are under way.
class tcp_stream {
public:
  using executor_type = tcp_socket::executor_type;
  using error_code = boost::system::error_code;

  explicit tcp_stream(tcp_socket socket) : core_(std::make_shared<core>(std::move(socket))) {}

  executor_type get_executor() { return core_->socket.get_executor(); }

  /// Performs the server's side of the TLS handshake; later reads and writes are under TLS. When
  /// the error satisfies `is_plain_http`, the peer has sent HTTP without TLS, and the stream is
  /// without TLS again so that it can carry an answer.
  template<class Handler>
  auto async_handshake(tls with, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code)>(
        [](auto h, std::shared_ptr<core> c, tls with) {
          c->start_tls(std::move(with), {std::move(h), c->socket.get_executor()});
        },
        handler, core_, std::move(with));
  }
  static bool is_plain_http(error_code why);

  /// Sets the deadline of all waiting operations, which then end with operation_aborted. Each call
  /// replaces the previous deadline.
  void expires_after(std::chrono::steady_clock::duration patience) {
    core_->set_deadline(patience);
  }
  void expires_never() {
    core_->timer.reset();
    core_->expired = false;
  }

  /// From now on the connection breaks when the peer acknowledges nothing of what was sent for this
  /// long (TCP_USER_TIMEOUT: tcp(7)).
  void set_acknowledge_timeout(std::chrono::milliseconds patience);

  template<class Buffers, class Handler>
  auto async_read_some(const Buffers& into, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto h, std::shared_ptr<core> c, auto buffers) {
          auto& socket = c->socket;
          if (c->ssl || c->expired)
            c->read(first<boost::asio::mutable_buffer>(buffers),
                    {std::move(h), socket.get_executor()});
          else
            socket.async_read_some(buffers, std::move(h));
        },
        handler, core_, into);
  }

  template<class Buffers, class Handler>
  auto async_write_some(const Buffers& from, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto h, std::shared_ptr<core> c, auto buffers) {
          auto& socket = c->socket;
          if (c->ssl || c->expired)
            c->write(first<boost::asio::const_buffer>(buffers),
                     {std::move(h), socket.get_executor()});
          else
            socket.async_write_some(buffers, std::move(h));
        },
        handler, core_, from);
  }

  /// The result of one attempt: the bytes that were written, or an error. After would_block the
  /// attempt makes sense again when the socket is ready for `until`.
  struct attempt {
    std::size_t bytes = 0;
    error_code ec = {};
    tcp_socket::wait_type until = tcp_socket::wait_write;
  };

  /// Writes as much as the socket takes without blocking.
  attempt try_write(std::span<const iovec> parts) { return core_->try_write(parts); }

  /// The number of bytes that OpenSSL has in an unsent record. The next attempt to write must begin
  /// with the same bytes.
  std::size_t pending_write_bytes() const { return core_->pending_write_bytes; }

  /// Waits until the socket is readable or writable.
  template<class Handler>
  auto async_wait(tcp_socket::wait_type what, Handler&& handler) {
    return core_->socket.async_wait(what, std::forward<Handler>(handler));
  }

  /// Returns the descriptor for writes that bypass this class, or -1 under TLS.
  int descriptor() const { return core_->ssl ? -1 : core_->socket.native_handle(); }

  /// Closes the socket at once. Waiting operations end with operation_aborted.
  void close();

  /// Sends TLS's close_notify, where there is TLS, and shuts down sending. After this call input
  /// can only be discarded.
  void shutdown_send();

  /// Discards received bytes without copying them. Returns false at the end of the stream or after
  /// an error.
  bool discard();

private:
  /// SSL_shutdown may be called only while TLS is established.
  enum class tls_phase { handshake, established, ended };

  struct core : std::enable_shared_from_this<core> {
    explicit core(tcp_socket s) : socket(std::move(s)) {}
    void start_tls(tls with, completion<error_code> done);
    void handshake(completion<error_code> done);
    void read(boost::asio::mutable_buffer into, completion<error_code, std::size_t> done);
    void write(boost::asio::const_buffer from, completion<error_code, std::size_t> done);
    attempt try_write(std::span<const iovec> parts);
    attempt tls_result(int result);
    template<class Again, class... Args>
    void retry(const attempt& tried, Again again, completion<error_code, Args...> done);
    bool is_cancelled() const;
    void set_deadline(std::chrono::steady_clock::duration patience);

    tcp_socket socket;
    tls ssl; ///< Null without TLS.
    std::unique_ptr<io_timer> timer;
    std::size_t pending_write_bytes = 0;
    std::uint32_t handshake_messages = 0; ///< Received in the whole life of the connection.
    tls_phase phase = tls_phase::handshake;
    bool expired = false; ///< The deadline has passed.
  };

  /// Returns the first buffer that is not empty. Under TLS a read or write handles one record, so
  /// one buffer is as good as many.
  template<class Buffer, class Buffers>
  static Buffer first(const Buffers& all) {
    const auto end = boost::asio::buffer_sequence_end(all);
    for (auto at = boost::asio::buffer_sequence_begin(all); at != end; ++at)
      if (const Buffer one(*at); one.size())
        return one;
    return {};
  }

  std::shared_ptr<core> core_;
};

} // namespace hubbub
