// Which answers a page of another site may read (CORS, section 3.3 of
// https://fetch.spec.whatwg.org). Knows: the fields of that protocol, and the allowed origins. Must
// not know: paths, bodies.
#pragma once

#include "net/access/origin.hpp"
#include "net/http/http_message.hpp"

#include <optional>
#include <string>

namespace hubbub {

/// What the page that makes a request may read. Keeps no reference to the request.
class cors_headers {
public:
  cors_headers(const http_request& request, const allowed_origins& allowed);

  /// Lets the page read an answer, if its origin is on the list, and keeps caches from giving the
  /// answer to others. Nobody is let by a list that is empty: the hub's own page needs no leave.
  void add_to(http_fields& out) const;

  /// The answer to a request by which a browser asks beforehand what a page may do: GET and HEAD,
  /// with a token. Nothing, if the request is another one, or the origin is not on the list.
  static std::optional<http_response> preflight(const http_request& request,
                                                const allowed_origins& allowed);

private:
  const bool depends_on_origin_; ///< By origin.
  std::string origin_;           ///< Empty: not on the list.
};

} // namespace hubbub
