// The layer below Beast's WebSocket stream: a TCP stream with one queue for all that is written,
// which are batches that were framed elsewhere, and Beast's own handshakes, pongs and closes. The
// bytes of two writes never mix.
// Knows: bytes and their order. Must not know: sessions, frames.
#pragma once

#include "net/transport/lingering_close.hpp"
#include "net/websocket/byte_queue.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace hubbub {

/// A handle: copies share one queue. A write of Beast completes when its bytes are written, not
/// when they are queued, so a peer that pings and does not read stops its own session.
/// Threads: all calls on the thread of the socket's io_context.
/// Lifetime: operations under way keep the queue alive; the owner must call `set_owner(nullptr)`
/// before it is destroyed.
class write_queue {
public:
  using executor_type = tcp_stream::executor_type;
  using error_code = boost::system::error_code;

  /// Is told of changes of the queue.
  class owner {
  public:
    virtual void queue_busy() = 0; ///< The queue was empty and is not any more.
    virtual void queue_full() = 0; ///< The socket takes no more for now.
    virtual void queue_wrote(std::size_t bytes, std::uint32_t messages) = 0;
    virtual void queue_idle() = 0;    ///< The queue is empty again: all is written.
    virtual void queue_closing() = 0; ///< The socket's descriptor is about to be closed.

  protected:
    ~owner() = default;
  };

  /// `leading_bytes` were read from the stream already, and are the first that the queue reads.
  write_queue(tcp_stream to, std::string leading_bytes)
      : state_(std::make_shared<state>(std::move(to), std::move(leading_bytes))) {}

  executor_type get_executor() { return state_->stream.get_executor(); }

  /// The descriptor of the stream (see tcp_stream). Bytes that are written to it directly are in
  /// order only while the queue is empty.
  int descriptor() const { return state_->stream.descriptor(); }
  void set_owner(owner* listener) { state_->listener = listener; }

  /// Bytes in the queue.
  std::size_t queued() const { return state_->queue.bytes(); }
  std::uint32_t queued_messages() const { return state_->queue.messages(); }

  /// A queue that has failed drops the bytes.
  void push(byte_queue::item next) { state_->push(std::move(next)); }
  void push(shared_bytes bytes) { push({.bytes = std::move(bytes)}); }

  /// The buffers of one write. The frames of many rooms are as many buffers, and the kernel takes
  /// no more at once (IOV_MAX).
  static constexpr std::size_t max_parts = 1024;

  /// Writes without queueing and returns how many bytes the socket took. Writes nothing while
  /// something is in the queue.
  std::size_t try_write(std::span<const iovec> parts) { return state_->try_write(parts); }

  /// Writes what the socket takes, then waits until it takes more. Calls `queue_idle` if the queue
  /// is empty.
  void flush() { state_->flush(); }

  /// Removes from the queue what has a cursor and of which no byte is written, nor in a record that
  /// OpenSSL has already made (see tcp_stream::pending_write_bytes).
  std::vector<byte_queue::withdrawn> withdraw() {
    return state_->queue.withdraw(state_->stream.pending_write_bytes());
  }

  /// While held, `flush` writes nothing, so that several pushes leave in one write.
  void hold(bool on) { state_->held = on; }

  /// From now on pauses for `read_interval` before each read, after the first `unpaced_reads`.
  /// For a client that sends too much and was sent a close frame.
  void throttle_reads() { state_->read_timer = std::make_unique<io_timer>(get_executor()); }

  bool failed() const { return bool(state_->failed); }
  void close() { state_->fail(boost::asio::error::operation_aborted); }

  /// Ends what is sent; see tcp_stream::shutdown_send. Must be called only while the queue is
  /// empty.
  void shutdown_send() { state_->stream.shutdown_send(); }

  /// Drops the queue, and closes the stream when the peer has had time to read what was written.
  void close_after_reading(completion<error_code> closed) {
    state_->close_after_reading(std::move(closed));
  }

  template<class Buffers, class Handler>
  auto async_read_some(const Buffers& into, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto h, std::shared_ptr<state> s, auto buffers) {
          if (s->leading_bytes.empty() && s->read_timer && ++s->throttled_reads > unpaced_reads) {
            auto& timer = *s->read_timer;
            timer.expires_after(read_interval);
            timer.async_wait([s = std::move(s), buffers, h = std::move(h)](error_code) mutable {
              s->stream.async_read_some(buffers, std::move(h));
            });
            return;
          }
          if (s->leading_bytes.empty()) {
            s->stream.async_read_some(buffers, std::move(h));
            return;
          }
          const auto n = boost::asio::buffer_copy(buffers, boost::asio::buffer(s->leading_bytes));
          s->leading_bytes.erase(0, n);
          completion<error_code, std::size_t>(std::move(h), s->stream.get_executor())({}, n);
        },
        handler, state_, into);
  }

  template<class Buffers, class Handler>
  auto async_write_some(const Buffers& from, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto h, std::shared_ptr<state> s, auto buffers) {
          s->push({.bytes = make_shared_bytes(boost::beast::buffers_to_string(buffers)),
                   .written = {std::move(h), s->stream.get_executor()}});
          s->flush();
        },
        handler, state_, from);
  }

private:
  struct state : std::enable_shared_from_this<state> {
    state(tcp_stream to, std::string e) : stream(std::move(to)), leading_bytes(std::move(e)) {}
    void push(byte_queue::item next);
    std::size_t try_write(std::span<const iovec> parts);
    void flush();
    void wait(tcp_socket::wait_type until);
    void fail(error_code why);
    void close_after_reading(completion<error_code> closed);
    void abandon(error_code why);

    tcp_stream stream;
    std::string leading_bytes;
    byte_queue queue;
    std::unique_ptr<io_timer> read_timer; ///< Set once reads are throttled.
    int throttled_reads = 0;              ///< Reads since then.
    bool waiting_for_socket = false, held = false;
    error_code failed;
    owner* listener = nullptr; ///< Set to null before the owner is destroyed.
  };

  std::shared_ptr<state> state_;
};

/// Replaces Beast's own teardown, which reads one buffer more and closes even if input is unread.
template<class Handler>
void async_teardown(boost::beast::role_type, write_queue& queue, Handler&& handler) {
  queue.close_after_reading({std::forward<Handler>(handler), queue.get_executor()});
}
inline void beast_close_socket(write_queue& queue) {
  queue.close();
}

} // namespace hubbub
