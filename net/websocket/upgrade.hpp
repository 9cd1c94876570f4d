// Whether a request for a WebSocket is a good one (RFC 6455, section 4.2.1), and what it asks for.
// Knows: the handshake's fields, the query, tokens. Must not know: sockets, how full the hub is.
#pragma once

#include "net/access/credentials.hpp"
#include "net/access/origin.hpp"
#include "net/websocket/ws_query.hpp"

#include <variant>

namespace hubbub {

struct admission {
  ws_query asked;
  pass who;
};

/// Whom a handshake lets in. Both are kept elsewhere.
struct upgrade_rules {
  const allowed_origins& pages; ///< Of other sites.
  const token_key* token;       ///< What tokens are checked with; null: nobody needs one.
};

/// What it asks for, or the answer that says what is wrong with it.
std::variant<admission, refused_request> read_upgrade(const http_request& request,
                                                      const upgrade_rules& rules);

} // namespace hubbub
