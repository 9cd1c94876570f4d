// The head of an HTTP request in one form, so that everybody on its way read the same: proxies
// before us, and we.
// Knows: RFC 9112's rules on Host, targets and framing, and what may come once. Must not know:
// paths, methods, answers.
#pragma once

#include <boost/beast/http/message.hpp>

#include <optional>
#include <string_view>

namespace hubbub {

using request_head = boost::beast::http::request_header<>;

struct head_refusal {
  boost::beast::http::status status;
  std::string_view why;
};

/// Makes a target in absolute form the path and the Host that it stands for (RFC 9112, section
/// 3.2.2) and lists in several fields one list (RFC 9110, section 5.3). Refuses a Host that is
/// missing, given twice or malformed (RFC 9112, section 3.2), a body without a length (section
/// 6.3), and twice what may come once (RFC 6455, section 11.3). Who is refused gets no second
/// answer on its connection: what follows may be meant as a body.
std::optional<head_refusal> normalize(request_head& head);

/// Whether the client holds its body back until it is asked for it (RFC 9110, section 10.1.1).
bool expects_continue(const request_head& head);

/// Base64 of 16 bytes (RFC 6455, section 4.1).
bool is_websocket_key(std::string_view text);

} // namespace hubbub
