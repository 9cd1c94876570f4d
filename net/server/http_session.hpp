// One connection's HTTP, from its first byte to its end, or to its WebSocket.
// Knows: requests and when they are refused. Must not know: who accepts, what messages mean.
#pragma once

#include "net/access/connection_limiter.hpp"
#include "net/access/credentials.hpp"
#include "net/api/http.hpp"
#include "net/server/options.hpp"
#include "net/transport/tcp_stream.hpp"
#include "net/websocket/lane.hpp"

#include <boost/beast/core/flat_buffer.hpp>

namespace hubbub {

/// Whether the hub is about to stop, and when who comes too late may try the next one. Any thread.
struct shutdown_state {
  std::atomic<bool> come = false;
  std::atomic<std::size_t> retry_after = 5; ///< Seconds.
};

/// Each line is served on the thread of its io_context, as long as it takes; all that this is made
/// with lives longer.
class http_session {
public:
  /// For the whole of a request, once it has begun or its connection is new, unless many are at the
  /// door.
  static constexpr std::chrono::seconds request_limit{10};

  struct http_context {
    const options& settings;
    hub& actors;
    http_endpoints& endpoints;
    client_quotas& quotas;
    std::shared_ptr<connection_limiter> seats; ///< Who is served holds them.
    hub_counters& counters;
    const shutdown_state& closing;
  };

  explicit http_session(const http_context& around) : context_(around) {}

  /// Gives the socket's place at the door back when the line has ended. Without a lane there are no
  /// WebSockets.
  awaitable<void> serve(tcp_socket socket, lane* where, boost::asio::io_context& context,
                        client from, std::shared_ptr<connection_limiter::slot> place);

private:
  using error_code = boost::system::error_code;

  awaitable<error_code> rest(tcp_stream& peer, boost::beast::flat_buffer& buffer,
                             const std::shared_ptr<connection_limiter::slot>& place,
                             boost::asio::io_context& context);
  static awaitable<error_code> read_beginning(tcp_stream& peer, boost::beast::flat_buffer& buffer);
  awaitable<bool> secure(tcp_stream& peer, const client& from);
  awaitable<void> refuse(tcp_stream& to, const client& who, boost::beast::http::status status,
                         std::string_view why);
  awaitable<void> refuse(tcp_stream& to, const client& who, boost::beast::http::status status) {
    return refuse(to, who, status, std::string_view(obsolete_reason(status)));
  }

  /// Takes the line into a session, or says why not.
  std::optional<refused_request> upgrade(const http_request& request, tcp_stream& peer, lane* where,
                                         const std::shared_ptr<connection_limiter::slot>& place,
                                         const client& who, std::string early);
  std::chrono::steady_clock::duration patience() const;

  const http_context context_;
};

} // namespace hubbub
