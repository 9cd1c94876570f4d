// The checks of a WebSocket handshake (RFC 6455, section 4.2.1).
// Knows: the handshake's fields, the query, tokens. Must not know: sockets, how full the hub is.
#pragma once

#include "net/access/credentials.hpp"
#include "net/access/origin.hpp"
#include "net/websocket/ws_query.hpp"

#include <variant>

namespace hubbub {

/// A handshake that was accepted.
struct admission {
  ws_query query;
  identity user;
};

/// What a handshake is checked against. Both members must outlive the call of read_upgrade.
struct upgrade_rules {
  const allowed_origins& pages; ///< The pages of other sites that may connect.
  const token_key* token;       ///< The key of tokens; null: no token is needed.
};

/// Returns the query and the identity of the client, or the refusal with its reason.
std::variant<admission, refused_request> read_upgrade(const http_request& request,
                                                      const upgrade_rules& rules);

} // namespace hubbub
