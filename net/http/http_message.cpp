#include "net/http/http_message.hpp"

#include "net/http/printable.hpp"

#include <boost/beast/core/string.hpp>

namespace hubbub {

namespace http = boost::beast::http;

std::optional<std::string_view> bearer_token(const http_request& request) {
  constexpr boost::beast::string_view scheme = "Bearer ";
  const auto field = request[http::field::authorization];
  if (!boost::beast::iequals(field.substr(0, scheme.size()), scheme))
    return {};
  return std::string_view(field.data(), field.size()).substr(scheme.size());
}

std::string log_description(const http_request& request) {
  const auto text = [](boost::beast::string_view of) {
    return std::string_view(of.data(), of.size());
  };
  const auto origin = text(request[http::field::origin]);
  return "origin " + (origin.empty() ? "none" : printable(origin)) + ", host " +
         printable(text(request[http::field::host])) + ", path " +
         printable_path(text(request.target()));
}

void set_common_headers(http_fields& out, std::string_view policy) {
  out.set(http::field::server, "hubbub");
  out.set("X-Content-Type-Options", "nosniff");
  out.set("Referrer-Policy", "same-origin");
  out.set("Content-Security-Policy", boost::beast::string_view(policy.data(), policy.size()));
}

http_response make_response(const http_request& to, http::status status, const char* type,
                            std::string body) {
  http_response out(status, to.version());
  set_common_headers(out, "default-src 'none'; frame-ancestors 'none'");
  out.keep_alive(to.keep_alive());
  out.set(http::field::content_type, type);
  out.set(http::field::cache_control, "no-store");
  out.body() = std::move(body);
  out.prepare_payload();
  if (to.method() == http::verb::head)
    out.body().clear(); // Content-Length stays
  return out;
}

http_response raw_json_response(const http_request& to, http::status status, std::string body) {
  return make_response(to, status, "application/json", std::move(body));
}

http_response error_response(const http_request& to, const problem& why,
                             std::optional<std::size_t> retry_after_seconds) {
  auto out = make_response(to, why.status(), problem_type, problem_body(why));
  if (retry_after_seconds)
    out.set(http::field::retry_after, std::to_string(*retry_after_seconds));
  return out;
}

http_response last_response(const problem& why, std::optional<std::size_t> retry_after_seconds) {
  http_request nothing;
  nothing.version(11);
  nothing.keep_alive(false);
  return error_response(nothing, why, retry_after_seconds);
}

} // namespace hubbub
