// The HTTP of one connection, from its first byte to its end or its WebSocket.
// Knows: requests and when they are refused. Must not know: how sockets are accepted, what messages
// mean.
#pragma once

#include "net/access/connection_limiter.hpp"
#include "net/access/credentials.hpp"
#include "net/api/http.hpp"
#include "net/server/head_reader.hpp"
#include "net/server/options.hpp"
#include "net/server/unanswered_request.hpp"
#include "net/transport/tcp_stream.hpp"
#include "net/websocket/io_thread.hpp"

namespace hubbub {

/// Whether the hub has begun to stop, and when a client that comes after that may try again.
/// Threads: any.
/// Lifetime: owned by the gateway; read only while connections are served.
/// Invariant: `retry_after` is set before `begun`.
struct shutdown_state {
  std::atomic<bool> begun = false;
  std::atomic<std::size_t> retry_after = 5; ///< Seconds.
};

struct http_connection;

/// Serves HTTP on the connections that it is given, each until its end or its upgrade.
/// Threads: `serve` may be called from any thread; each connection is served on the thread of its
/// io_context.
/// Lifetime: lives in the gateway, which outlives the hub. `serve` runs only while everything in
/// `http_context` lives. A coroutine that is still suspended then is destroyed with its io_context,
/// and uses nothing of this object.
class http_session {
public:
  /// The time for the whole of a request, unless too many connections are pending.
  static constexpr std::chrono::seconds request_limit{10};

  struct http_context {
    const options& settings;
    hub& actors;
    http_endpoints& endpoints;
    client_quotas& quotas;
    std::shared_ptr<connection_limiter> limiter; ///< Also kept by the slot of every connection.
    hub_counters& counters;
    const shutdown_state& shutdown;
    /// Publications that came before the stop began, which waits for them.
    std::shared_ptr<unanswered_requests> unanswered;
  };

  explicit http_session(const http_context& context) : context_(context) {}

  /// Serves one connection, and releases its slot when the connection has ended. Without an I/O
  /// thread (null) upgrades are refused.
  awaitable<void> serve(tcp_socket socket, io_thread* io, boost::asio::io_context& context,
                        client from, std::shared_ptr<connection_limiter::slot> slot);

private:
  using error_code = boost::system::error_code;
  struct received_request;

  /// What follows an answer.
  enum class next_step {
    read,  ///< Another request of this connection.
    close, ///< The end of the connection.
    none,  ///< Nothing: a session has the connection now.
  };

  awaitable<std::optional<received_request>> read_request(http_connection& conn);
  awaitable<error_code> read_head(http_connection& conn, request_parser& parser);
  awaitable<bool> accept_body(http_connection& conn, request_parser& parser, const client& sender);
  awaitable<bool> refuse_body(http_connection& conn, request_parser& parser, const client& sender);
  awaitable<next_step> answer(http_connection& conn, received_request received);
  awaitable<error_code> wait_for_next_request(http_connection& conn);
  awaitable<bool> secure(tcp_stream& peer, const client& from);
  awaitable<void> refuse(tcp_stream& to, const client& sender, problem why);
  std::optional<refused_request> upgrade(http_connection& conn, const http_request& request,
                                         const client& sender);
  std::optional<refused_request> open_events(http_connection& conn, const http_request& request,
                                             const client& sender);
  std::optional<refused_request>
  take_session_slot(http_connection& conn, const http_request& request, const client& sender);
  std::chrono::steady_clock::duration time_for_request() const;

  const http_context context_;
};

} // namespace hubbub
