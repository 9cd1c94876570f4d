// Whether a request for a WebSocket is a good one (RFC 6455, section 4.2.1), and what it asks for.
// Knows: the handshake's fields, the query, tokens. Must not know: sockets, how full the hub is.
#pragma once

#include "net/access/credentials.hpp"
#include "net/access/origin.hpp"
#include "net/websocket/ws_query.hpp"

#include <variant>

namespace hubbub {

struct admission {
  ws_query query;
  identity user;
};

/// What a handshake must show. Both members outlive the call of read_upgrade.
struct upgrade_rules {
  const allowed_origins& pages; ///< Pages of other sites that may connect.
  const token_key* token;       ///< The key that tokens are checked with; null: none is needed.
};

/// What it asks for, or the answer that says what is wrong with it.
std::variant<admission, refused_request> read_upgrade(const http_request& request,
                                                      const upgrade_rules& rules);

} // namespace hubbub
