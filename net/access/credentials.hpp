// Where in a request its token is, and whether it lets in.
// Knows: the three places, and the answers of RFC 6750. Must not know: signatures, claims.
#pragma once

#include "net/access/token.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"

#include <variant>

namespace hubbub {

/// The answer to a request that is refused, and the whole reason, for the log alone: never the
/// token or anything that it holds.
struct refused_request {
  http_response answer;
  std::string why;
};

/// The token: of `Authorization: Bearer` (RFC 6750, section 2.1), else of the query's
/// `access_token` (section 2.3), else the offered WebSocket subprotocol `bearer.TOKEN`, as browsers
/// can set no header there. Nothing, if there is none.
std::optional<std::string> presented_token(const http_request& request,
                                           const request_target& target);

/// Which of the offered subprotocols is taken; empty: none. `hubbub` if it is offered, else the one
/// that the token came in, for browsers end a line when none that they offered is taken.
std::string_view chosen_subprotocol(const http_request& request);

/// The identity of who may come into the room, or the refusal: 401 without a hint why, or 403 when
/// the token is good and the room is not one of its own. Without a key everybody may.
std::variant<identity, refused_request> admit(const token_key* key, const http_request& request,
                                              const request_target& target,
                                              const std::string& room);

} // namespace hubbub
