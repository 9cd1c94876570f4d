#include "net/access/cors.hpp"

namespace hubbub {

namespace {

namespace http = boost::beast::http;

/// Seconds for which a browser may reuse the answer to a preflight request, the most that browsers
/// accept.
constexpr auto max_age_seconds = "7200";

} // namespace

cors_headers::cors_headers(const http_request& request, const allowed_origins& allowed)
    : depends_on_origin_(!allowed.empty()) {
  const auto origin = request[http::field::origin];
  if (!origin.empty() && allowed.contains({origin.data(), origin.size()}))
    origin_ = std::string(origin);
}

void cors_headers::add_to(http_fields& out) const {
  if (!depends_on_origin_)
    return;
  const std::string vary(out[http::field::vary]);
  out.set(http::field::vary, vary.empty() ? "Origin" : vary + ", Origin");
  if (origin_.empty())
    return;
  out.set(http::field::access_control_allow_origin, origin_);
  out.set(http::field::access_control_expose_headers, "Link, Retry-After");
}

std::optional<http_response> cors_headers::preflight(const http_request& request,
                                                     const allowed_origins& allowed,
                                                     std::string_view methods) {
  if (request.method() != http::verb::options ||
      request[http::field::access_control_request_method].empty())
    return {};
  const cors_headers grant(request, allowed);
  if (grant.origin_.empty())
    return {};
  http_response out(http::status::no_content, request.version());
  set_common_headers(out, "default-src 'none'; frame-ancestors 'none'");
  out.keep_alive(request.keep_alive());
  out.set(http::field::access_control_allow_methods, {methods.data(), methods.size()});
  out.set(http::field::access_control_allow_headers,
          methods.find("POST") != methods.npos
              ? "Authorization, Content-Type, Hubbub-Name, Hubbub-Secret, Idempotency-Key"
              : "Authorization, Last-Event-ID");
  out.set(http::field::access_control_max_age, max_age_seconds);
  grant.add_to(out);
  return out;
}

} // namespace hubbub
