// One TCP connection, in the clear or under TLS, as bytes that come and go.
// Knows: its socket, its TLS, a deadline. Must not know: HTTP, WebSocket, queues.
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

/// A handle: copies are the same line, and whatever is under way keeps it. All on the thread of its
/// io_context. At most one read and one write at a time.
class tcp_stream {
public:
  using executor_type = tcp_socket::executor_type;
  using error_code = boost::system::error_code;

  explicit tcp_stream(tcp_socket socket) : core_(std::make_shared<core>(std::move(socket))) {}

  executor_type get_executor() { return core_->socket.get_executor(); }

  /// From here on under TLS: first the peer's handshake is awaited. An error of `is_plain_http`: it
  /// has spoken HTTP in the clear, and the line is in the clear again, to tell it so.
  template<class Handler>
  auto async_handshake(tls with, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code)>(
        [](auto h, std::shared_ptr<core> c, tls with) {
          c->start_tls(std::move(with), {std::move(h), c->socket.get_executor()});
        },
        handler, core_, std::move(with));
  }
  static bool is_plain_http(error_code why);

  /// What waits for longer than that from now ends with operation_aborted; until the next call.
  void expires_after(std::chrono::steady_clock::duration patience) {
    core_->set_deadline(patience);
  }
  void expires_never() {
    core_->timer.reset();
    core_->expired = false;
  }

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

  /// What came of trying: some bytes, or an error; would_block: after waiting for `until`.
  struct attempt {
    std::size_t bytes = 0;
    error_code ec = {};
    tcp_socket::wait_type until = tcp_socket::wait_write;
  };

  /// Writes what the socket takes at once.
  attempt try_write(std::span<const iovec> parts) { return core_->try_write(parts); }

  /// So many bytes that would block are in a record already: the next attempt begins with the same.
  std::size_t pending_write_bytes() const { return core_->pending_write_bytes; }

  /// When trying again makes sense.
  template<class Handler>
  auto async_wait(tcp_socket::wait_type what, Handler&& handler) {
    return core_->socket.async_wait(what, std::forward<Handler>(handler));
  }

  /// Where bytes can be written past this. Negative: nowhere, under TLS.
  int descriptor() const { return core_->ssl ? -1 : core_->socket.native_handle(); }

  /// Ends it, without a word; what waits ends with operation_aborted.
  void close();

  /// Says that no more will be written. From here on bytes can only be discarded.
  void shutdown_send();

  /// Throws away what has come, without a look at it. False: there will be no more.
  bool discard();

private:
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
    tls ssl; ///< None: in the clear.
    std::unique_ptr<io_timer> timer;
    std::size_t pending_write_bytes = 0;
    std::uint32_t handshakes = 0; ///< Messages of them.
    bool expired = false, handshake_done = false, tls_ended = false;
  };

  /// TLS hands over record by record, so one buffer is as good as many.
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
