// A line as Beast's next layer, with the one queue of all that goes out: batches that were framed
// elsewhere, and Beast's own handshakes, pongs and closes. None ever cuts into another.
// Knows: bytes and their order. Must not know: sessions, frames.
#pragma once

#include "actors/session_sink.hpp"
#include "net/transport/lingering_close.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <vector>

namespace hubbub {

/// All on the thread of the socket's io_context. Beast's writes complete when their bytes are
/// written, not when they are queued, so a peer that pings and does not read stops its own session.
class write_queue {
public:
  using executor_type = tcp_stream::executor_type;
  using error_code = boost::system::error_code;

  static constexpr row_id no_cursor = -1;

  /// Hears what becomes of the queue.
  class owner {
  public:
    virtual void queue_busy() = 0; ///< Something is queued where nothing was.
    virtual void queue_full() = 0; ///< The line takes no more for now.
    virtual void queue_wrote(std::size_t bytes, std::uint32_t messages) = 0;
    virtual void queue_idle() = 0;    ///< All that was queued is written.
    virtual void queue_closing() = 0; ///< The socket's descriptor is about to be given back.

  protected:
    ~owner() = default;
  };

  /// `leading_bytes`: bytes that were read from the line before it came here.
  write_queue(tcp_stream to, std::string leading_bytes)
      : state_(std::make_shared<state>(std::move(to), std::move(leading_bytes))) {}

  executor_type get_executor() { return state_->stream.get_executor(); }

  /// As the line's. What is written there directly is in order while nothing waits here.
  int descriptor() const { return state_->stream.descriptor(); }
  void set_owner(owner* owner) { state_->notified = owner; }

  /// Bytes that wait.
  std::size_t queued() const { return state_->queued; }
  std::uint32_t queued_messages() const { return state_->messages; }

  /// Queues bytes from an offset on; `flush` sends what the socket takes and waits for the rest.
  /// The messages count as written when the last byte is. What can be had resume_after from a
  /// cursor may be taken back.
  void push(shared_bytes bytes, std::size_t offset = 0, std::uint32_t messages = 0,
            row_id resume_after = no_cursor) {
    state_->push({std::move(bytes), offset, messages, resume_after, {}});
  }
  void flush() { state_->flush(); }

  /// From where it can be had resume_after, and how many messages it was.
  struct withdrawn {
    row_id resume_after = no_cursor;
    std::uint32_t messages = 0;
  };

  /// Takes all of that out of the queue that no byte of is written or promised to the line yet.
  withdrawn withdraw() { return state_->withdraw(); }

  /// Lets nothing out until `flush` is called with the hold off, so that several go in one write.
  void hold(bool on) { state_->held = on; }

  /// From now on reads at read_pause. For who floods, and was told goodbye.
  void throttle_reads() { state_->read_timer = std::make_unique<io_timer>(get_executor()); }

  bool failed() const { return bool(state_->failed); }
  void close() { state_->fail(boost::asio::error::operation_aborted); }

  /// Takes nothing more, and closes when the peer has had time to read what was written.
  void close_after_reading(completion<error_code> closed) {
    state_->close_after_reading(std::move(closed));
  }

  template<class Buffers, class Handler>
  auto async_read_some(const Buffers& into, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto h, std::shared_ptr<state> s, auto buffers) {
          if (s->leading_bytes.empty() && s->read_timer &&
              ++s->throttled_reads > reads_without_pause) {
            auto& timer = *s->read_timer;
            timer.expires_after(read_pause);
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
          s->push({make_shared_bytes(boost::beast::buffers_to_string(buffers)),
                   0,
                   0,
                   no_cursor,
                   {std::move(h), s->stream.get_executor()}});
          s->flush();
        },
        handler, state_, from);
  }

private:
  struct item {
    shared_bytes bytes;
    std::size_t offset;
    std::uint32_t messages;
    row_id resume_after;
    completion<error_code, std::size_t> written;
  };

  struct state : std::enable_shared_from_this<state> {
    state(tcp_stream to, std::string e) : stream(std::move(to)), leading_bytes(std::move(e)) {}
    void push(item next);
    void flush();
    withdrawn withdraw();
    void wait(tcp_socket::wait_type until);
    void fail(error_code why);
    void close_after_reading(completion<error_code> closed);
    void abandon(error_code why);

    tcp_stream stream;
    std::string leading_bytes;
    std::vector<item> queue; ///< From `head` on.
    std::size_t head = 0;
    std::size_t queued = 0;
    std::uint32_t messages = 0;           ///< In the queue.
    std::unique_ptr<io_timer> read_timer; ///< After a goodbye.
    int throttled_reads = 0;              ///< Reads since.
    bool waiting_for_socket = false, held = false;
    error_code failed;
    owner* notified = nullptr;
  };

  std::shared_ptr<state> state_;
};

/// Beast's own reads one buffer more and closes, whatever is unread.
template<class Handler>
void async_teardown(boost::beast::role_type, write_queue& queue, Handler&& handler) {
  queue.close_after_reading({std::forward<Handler>(handler), queue.get_executor()});
}
inline void beast_close_socket(write_queue& queue) {
  queue.close();
}

} // namespace hubbub
