// Who may ask what operators ask.
// Knows: the token and how a request bears it (RFC 6750, section 2.1). Must not know: what is
// asked.
#pragma once

#include "net/http/http_message.hpp"

#include <optional>
#include <string>

namespace hubbub {

/// A token under this many characters can be guessed.
inline constexpr std::size_t min_admin_token = 16;

/// Whether the request bears the token. Without a token everybody is admitted. Takes the same time
/// however much of a wrong token is right.
bool bears_admin_token(const http_request& request, const std::string& token);

/// 401 for who is not admitted; nothing for who is.
std::optional<http_response> require_admin(const http_request& request, const std::string& token);

} // namespace hubbub
