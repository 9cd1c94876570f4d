// The requests and answers of the HTTP side, as its files hand them to one another.
// Knows: what every answer says of itself, and how an error reads. Must not know: paths, bodies.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string_view>

namespace hubbub {

using http_fields = boost::beast::http::fields;
using http_request = boost::beast::http::request<boost::beast::http::string_body>;
using http_response = boost::beast::http::response<boost::beast::http::string_body>;

/// What follows the scheme in `Authorization: Bearer …` (RFC 6750, section 2.1), in any case of
/// letters; nothing, if there is no such field.
std::optional<std::string_view> bearer_token(const http_request& request);

/// Whom a request says that it is from and to, for a line of the log: `origin "…", host "…", path
/// "…"`, without the query, where a token may be.
std::string log_description(const http_request& request);

/// What every answer says, with its own Content-Security-Policy.
void set_common_headers(http_fields& out, std::string_view policy);

/// An answer that is made anew for everyone, without a body if it is to HEAD.
http_response make_response(const http_request& to, boost::beast::http::status status,
                            const char* type, std::string body);

/// The same, in JSON.
http_response raw_json_response(const http_request& to, boost::beast::http::status status,
                                std::string body);

/// An answer in JSON, `{"detail":"…"}`, as the old chat's server gave it, with Retry-After where it
/// passes.
http_response error_response(const http_request& to, boost::beast::http::status status,
                             std::string_view detail,
                             std::optional<std::size_t> retry_after_seconds = {});

/// The same to what was not understood as a request, or not read: the last on its connection.
http_response last_response(boost::beast::http::status status, std::string_view detail,
                            std::optional<std::size_t> retry_after_seconds = {});

} // namespace hubbub
