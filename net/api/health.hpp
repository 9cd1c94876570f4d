// GET /health: whether the hub works, and with `?ready=1` whether it takes new connections.
// Knows: the query and the answer. Must not know: how the state is found out.
#pragma once

#include "actors/hub.hpp"
#include "net/http/http_message.hpp"
#include "net/transport/coroutine.hpp"

namespace hubbub {

/// The part of the answer that the gateway knows.
struct gateway_state {
  std::size_t connections = 0;
  bool draining = false;       ///< A stop has begun.
  std::size_t retry_after = 5; ///< Seconds until another hub serves, if a stop has begun.
};

/// Answers within two seconds, whichever threads or actors are stalled, except for the thread of
/// `context`. `read_gateway` is called on that thread.
awaitable<http_response> answer_health(http_request request, bool asks_ready, hub& actors,
                                       std::function<gateway_state()> read_gateway,
                                       boost::asio::io_context& context);

} // namespace hubbub
