// /health: whether the hub does its work, and with ?ready=1 whether it wants more of it.
// Knows: how that is asked and answered. Must not know: how it is found out.
#pragma once

#include "actors/hub.hpp"
#include "net/http/http_message.hpp"
#include "net/transport/coroutine.hpp"

namespace hubbub {

/// What the front door adds.
struct gateway_state {
  std::size_t connections = 0;
  bool draining = false; ///< A stop has begun.
};

/// Answers within two seconds, whoever is stalled but the thread that asks.
awaitable<http_response> answer_health(http_request request, bool asks_ready, hub& actors,
                                       std::function<gateway_state()> read_gateway,
                                       boost::asio::io_context& context);

} // namespace hubbub
