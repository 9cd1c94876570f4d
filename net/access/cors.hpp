// Which answers a page of another origin may read (CORS, section 3.3 of
// https://fetch.spec.whatwg.org).
// Knows: the fields of that protocol, and the allowed origins. Must not know: paths, bodies.
#pragma once

#include "net/access/origin.hpp"
#include "net/http/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// The header fields that an answer to one request gets. Keeps no reference to the request.
class cors_headers {
public:
  cors_headers(const http_request& request, const allowed_origins& allowed);

  /// Allows the page to read the answer, if its origin is on the list, and makes caches store the
  /// answer per origin. An empty list adds nothing: the hub's own page is of the same origin.
  void add_to(http_fields& out) const;

  /// Returns the answer to a preflight request: the page may send the `methods` (names with commas
  /// between them) with a token or a Last-Event-ID, or with a token and the fields of a publication
  /// if POST is among them. Returns nothing for any other request, and for an origin that is not on
  /// the list.
  static std::optional<http_response>
  preflight(const http_request& request, const allowed_origins& allowed, std::string_view methods);

private:
  const bool depends_on_origin_; ///< Whether answers differ by origin.
  std::string origin_;           ///< Empty if not on the list.
};

} // namespace hubbub
