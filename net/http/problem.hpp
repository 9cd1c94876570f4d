// The codes by which a client is told why a request was refused, and the body of such an answer.
// Knows: the closed list, its names on the wire, and the status of each code. Must not know: when a
// code is given, HTTP messages.
#pragma once

#include <boost/beast/http/status.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// The field `code` of an error, as the OpenAPI description explains each. A code that an `error`
/// frame may have too (actors/refusal_code.hpp) means the same there.
enum class problem_code : std::uint8_t {
  bad_request,
  https_required,
  bad_json,
  not_object,
  no_text,
  empty,
  too_long,
  nul,
  surrogate,
  bad_key,
  bad_name,
  name_taken,
  bad_secret,
  verified_name,
  bad_room,
  bad_cursor,
  bad_query,
  no_search,
  too_many_rooms,
  token_required,
  admin_token_required,
  forbidden,
  foreign_origin,
  not_found,
  method_not_allowed,
  length_required,
  too_large,
  unsupported_type,
  key_conflict,
  unstorable,
  upgrade_required,
  too_fast,
  too_many_connections,
  head_too_large,
  busy,
  in_doubt,
  upgrading,
  hub_full,
  no_memory,
  stalled,
  restarting,
  not_installed,
  http_version,
};

struct problem_kind {
  std::string_view name;
  boost::beast::http::status status;
};

/// The names on the wire, in the order of the enumerators. The status of a code never differs.
inline constexpr std::array<problem_kind, 43> problem_kinds{{
    {"bad_request", boost::beast::http::status::bad_request},
    {"https_required", boost::beast::http::status::bad_request},
    {"bad_json", boost::beast::http::status::bad_request},
    {"not_object", boost::beast::http::status::bad_request},
    {"no_text", boost::beast::http::status::bad_request},
    {"empty", boost::beast::http::status::bad_request},
    {"too_long", boost::beast::http::status::bad_request},
    {"nul", boost::beast::http::status::bad_request},
    {"surrogate", boost::beast::http::status::bad_request},
    {"bad_key", boost::beast::http::status::bad_request},
    {"bad_name", boost::beast::http::status::bad_request},
    {"name_taken", boost::beast::http::status::bad_request},
    {"bad_secret", boost::beast::http::status::bad_request},
    {"verified_name", boost::beast::http::status::bad_request},
    {"bad_room", boost::beast::http::status::bad_request},
    {"bad_cursor", boost::beast::http::status::bad_request},
    {"bad_query", boost::beast::http::status::bad_request},
    {"no_search", boost::beast::http::status::bad_request},
    {"too_many_rooms", boost::beast::http::status::bad_request},
    {"token_required", boost::beast::http::status::unauthorized},
    {"admin_token_required", boost::beast::http::status::unauthorized},
    {"forbidden", boost::beast::http::status::forbidden},
    {"foreign_origin", boost::beast::http::status::forbidden},
    {"not_found", boost::beast::http::status::not_found},
    {"method_not_allowed", boost::beast::http::status::method_not_allowed},
    {"length_required", boost::beast::http::status::length_required},
    {"too_large", boost::beast::http::status::payload_too_large},
    {"unsupported_type", boost::beast::http::status::unsupported_media_type},
    {"key_conflict", boost::beast::http::status::unprocessable_entity},
    {"unstorable", boost::beast::http::status::unprocessable_entity},
    {"upgrade_required", boost::beast::http::status::upgrade_required},
    {"too_fast", boost::beast::http::status::too_many_requests},
    {"too_many_connections", boost::beast::http::status::too_many_requests},
    {"head_too_large", boost::beast::http::status::request_header_fields_too_large},
    {"busy", boost::beast::http::status::service_unavailable},
    {"in_doubt", boost::beast::http::status::service_unavailable},
    {"upgrading", boost::beast::http::status::service_unavailable},
    {"hub_full", boost::beast::http::status::service_unavailable},
    {"no_memory", boost::beast::http::status::service_unavailable},
    {"stalled", boost::beast::http::status::service_unavailable},
    {"restarting", boost::beast::http::status::service_unavailable},
    {"not_installed", boost::beast::http::status::service_unavailable},
    {"http_version", boost::beast::http::status::http_version_not_supported},
}};

constexpr const problem_kind& kind_of(problem_code code) {
  return problem_kinds[std::size_t(code)];
}

static_assert(kind_of(problem_code::http_version).name == "http_version");

/// Why a request is refused.
struct problem {
  problem_code code;
  std::string_view detail; ///< A sentence for people. The text must outlive the problem.
  std::optional<std::size_t> index = {}; ///< The message of the request that is at fault.

  boost::beast::http::status status() const { return kind_of(code).status; }
};

/// The media type of an error (RFC 9457).
inline constexpr const char* problem_type = "application/problem+json";

/// Returns an object of JSON with `type`, `title`, `status`, `code` and `detail`, and with `index`
/// if there is one. `type` is always `about:blank`, and `title` the phrase of the status. Bytes of
/// the detail that are no UTF-8 are replaced by U+FFFD.
std::string problem_body(const problem& why);

} // namespace hubbub
