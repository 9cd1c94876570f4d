// Normalization of the head of an HTTP request, so that the hub and all proxies before it read the
// request in the same way.
// Knows: the rules of RFC 9112 on Host, targets and framing, and which fields may occur once. Must
// not know: paths, methods, answers.
#pragma once

#include "net/http/problem.hpp"

#include <boost/beast/http/message.hpp>

#include <optional>
#include <string_view>

namespace hubbub {

using request_head = boost::beast::http::request_header<>;

/// Splits a target in absolute form into path and Host (RFC 9112, section 3.2.2), and joins the
/// fields of a list into one field (RFC 9110, section 5.3). Refuses a Host that is missing,
/// repeated or malformed (RFC 9112, section 3.2), a body without Content-Length (section 6.3), and
/// a repeated field that may occur once (RFC 6455, section 11.3). After a refusal the connection
/// must be closed, because the bytes that follow may be a body.
std::optional<problem> normalize(request_head& head);

/// Returns whether the client waits for `100 Continue` before it sends the body (RFC 9110, section
/// 10.1.1).
bool expects_continue(const request_head& head);

/// Returns whether the text is Base64 of 16 bytes (RFC 6455, section 4.1).
bool is_websocket_key(std::string_view text);

} // namespace hubbub
