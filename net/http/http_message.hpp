// The types of HTTP requests and answers, and what all answers have in common.
// Knows: the common header fields, and the form of an error. Must not know: paths, bodies.
#pragma once

#include "net/http/problem.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string_view>

namespace hubbub {

using http_fields = boost::beast::http::fields;
using http_request = boost::beast::http::request<boost::beast::http::string_body>;
using http_response = boost::beast::http::response<boost::beast::http::string_body>;

/// Returns the text after the scheme in `Authorization: Bearer …` (RFC 6750, section 2.1). The
/// scheme may be in any case of letters. Returns nothing without such a field.
std::optional<std::string_view> bearer_token(const http_request& request);

/// Describes a request for a log line: `origin "…", host "…", path "…"`, without the query, which
/// may hold a token.
std::string log_description(const http_request& request);

/// Sets the header fields that every answer has. `policy` is the Content-Security-Policy.
void set_common_headers(http_fields& out, std::string_view policy);

/// Returns an answer that caches do not store. The answer to HEAD has no body.
http_response make_response(const http_request& to, boost::beast::http::status status,
                            const char* type, std::string body);

/// Returns such an answer with a body in JSON.
http_response raw_json_response(const http_request& to, boost::beast::http::status status,
                                std::string body);

/// Returns an error with a `problem_body`. A temporary error has a Retry-After in seconds.
http_response error_response(const http_request& to, const problem& why,
                             std::optional<std::size_t> retry_after_seconds = {});

/// Returns an error for a request that was malformed or not read. This answer is the last one on
/// its connection.
http_response last_response(const problem& why,
                            std::optional<std::size_t> retry_after_seconds = {});

} // namespace hubbub
