#include "net/access/cors.hpp"

namespace hubbub {

namespace {

namespace http = boost::beast::http;

/// Seconds for which a browser need not ask again; no browser keeps the answer for longer.
constexpr auto longest_age = "7200";

} // namespace

shared_answers::shared_answers(const http_request& request, const allowed_origins& allowed)
    : differs_(!allowed.empty()) {
  const auto origin = request[http::field::origin];
  if (!origin.empty() && allowed.has({origin.data(), origin.size()}))
    origin_ = std::string(origin);
}

void shared_answers::mark(http_fields& out) const {
  if (!differs_)
    return;
  const std::string others(out[http::field::vary]);
  out.set(http::field::vary, others.empty() ? "Origin" : others + ", Origin");
  if (origin_.empty())
    return;
  out.set(http::field::access_control_allow_origin, origin_);
  out.set(http::field::access_control_expose_headers, "Link, Retry-After");
}

std::optional<http_response> shared_answers::preflight(const http_request& request,
                                                       const allowed_origins& allowed) {
  if (request.method() != http::verb::options ||
      request[http::field::access_control_request_method].empty())
    return {};
  const shared_answers grant(request, allowed);
  if (grant.origin_.empty())
    return {};
  http_response out(http::status::no_content, request.version());
  set_common_headers(out, "default-src 'none'; frame-ancestors 'none'");
  out.keep_alive(request.keep_alive());
  out.set(http::field::access_control_allow_methods, "GET, HEAD");
  out.set(http::field::access_control_allow_headers, "Authorization");
  out.set(http::field::access_control_max_age, longest_age);
  grant.mark(out);
  return out;
}

} // namespace hubbub
