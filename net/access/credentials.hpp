// Where a request carries its token, and whether the token admits the client to a room.
// Knows: the three places of a token, and the answers of RFC 6750. Must not know: signatures,
// claims.
#pragma once

#include "net/access/token.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"

#include <variant>

namespace hubbub {

/// The answer to a refused request, and the full reason for the log. The reason never contains the
/// token or a part of it.
struct refused_request {
  http_response answer;
  std::string why;
};

/// Returns the refusal of a request, whose reason for the log is the detail of the problem. A
/// temporary refusal has a Retry-After in seconds.
refused_request make_refusal(const http_request& request, const problem& why,
                             std::optional<std::size_t> retry_after_seconds = {});

/// Writes the refusal of a request to the log, and returns its answer.
http_response log_refusal(const http_request& request, refused_request refused);

/// Returns the token of `Authorization: Bearer` (RFC 6750, section 2.1), else of the query's
/// `access_token` (section 2.3), else of the offered WebSocket subprotocol `bearer.TOKEN`, because
/// browsers can set no header for a WebSocket. Returns nothing if there is none.
std::optional<std::string> presented_token(const http_request& request,
                                           const request_target& target);

/// Returns the subprotocol that the hub selects: `hubbub` if it is offered, else the one that
/// carries the token, else an empty text. Browsers close a connection if the server selects none of
/// the offered subprotocols.
std::string_view chosen_subprotocol(const http_request& request);

/// Returns the identity of a client, whatever room it wants to enter, or the refusal: 401 without a
/// reason. Without a key every client is admitted.
std::variant<identity, refused_request> identify(const token_key* key, const http_request& request,
                                                 const request_target& target);

/// Returns the identity of a client that may enter the room, or the refusal: 401 without a reason,
/// or 403 for a valid token of other rooms. Without a key every client may enter every room.
std::variant<identity, refused_request> admit(const token_key* key, const http_request& request,
                                              const request_target& target,
                                              const std::string& room);

} // namespace hubbub
