// What one connection keeps from one request to the next.
// Knows: its stream, its slot, its read buffer. Must not know: what requests ask for.
#pragma once

#include "net/access/connection_limiter.hpp"
#include "net/server/head_reader.hpp"
#include "net/websocket/io_thread.hpp"

#include <memory>
#include <optional>

namespace hubbub {

/// Used on the thread of its io_context, by the coroutine that serves the connection.
struct http_connection {
  tcp_stream peer;
  io_thread* io; ///< Null: no WebSocket can be opened. The I/O threads outlive all connections.
  boost::asio::io_context& context;
  const client from;
  const std::shared_ptr<connection_limiter::slot> slot;
  boost::beast::flat_buffer buffer = {};
  std::optional<connection_limiter::buffer_slot> large_buffer = {}; ///< For a head over
                                                                    ///< `usual_head`.
  std::optional<connection_limiter::buffer_slot> body = {}; ///< For the body of the request.
  std::chrono::steady_clock::time_point request_began = {};
  bool persistent = false; ///< A request of this connection was answered before.

  /// Returns whether there is memory for the largest head.
  bool take_large_buffer(const std::shared_ptr<connection_limiter>& of) {
    if (!large_buffer)
      large_buffer.emplace(of, max_head);
    return bool(*large_buffer);
  }

  /// Called when nothing of a request is needed any more. Does nothing if the buffer still has more
  /// of other requests than the head of one usually takes.
  void release_large_buffer() {
    if (!large_buffer || buffer.size() > usual_head)
      return;
    buffer.shrink_to_fit();
    large_buffer.reset();
  }
};

} // namespace hubbub
