// The access check of the endpoints for operators.
// Knows: the token, and how a request bears it (RFC 6750, section 2.1). Must not know: the
// endpoints.
#pragma once

#include "net/http/http_message.hpp"

#include <optional>
#include <string>

namespace hubbub {

/// The least number of characters: a shorter token can be guessed.
inline constexpr std::size_t min_admin_token = 16;

/// Returns whether the request bears the token, or the token is empty. The time of the comparison
/// does not depend on how much of a wrong token is right.
bool bears_admin_token(const http_request& request, const std::string& token);

/// Returns a 401 for a request that does not bear the token.
std::optional<http_response> require_admin(const http_request& request, const std::string& token);

} // namespace hubbub
