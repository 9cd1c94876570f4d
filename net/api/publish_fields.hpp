// The header fields of a request that publishes.
// Knows: how each field is written. Must not know: what the values mean.
#pragma once

#include "net/http/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

struct publish_fields {
  std::optional<std::string> key;    ///< Of Idempotency-Key.
  std::optional<std::string> name;   ///< Of Hubbub-Name. May be any bytes.
  std::optional<std::string> secret; ///< Of Hubbub-Secret. May be any bytes.
};

/// Reads the fields, or returns the error of a malformed or repeated one. Idempotency-Key is a
/// string of RFC 8941, section 3.3.3, or its characters without quotes. The values of the other two
/// are percent-encoded (RFC 3986, section 2.1), because header fields of browsers are not UTF-8.
std::variant<publish_fields, problem> read_publish_fields(const http_request& request);

/// Returns whether the value of Content-Type is `application/json`, with or without parameters.
bool is_json_type(std::string_view value);

} // namespace hubbub
