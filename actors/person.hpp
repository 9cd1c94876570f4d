// The pseudonyms of persons.
// Knows: how a secret or a token makes the pseudonym. Must not know: connections, frames.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// Returns `anon-` and the first 16 characters of base64url(SHA-256("hubbub person " + secret)).
/// Keeps no copy of the secret. Throws std::runtime_error if OpenSSL fails.
std::string person_of_secret(std::string_view secret);

/// Returns `user-` and the first 16 characters of base64url(SHA-256("hubbub sub " + issuer + "\n" +
/// subject)), for the claims `iss` and `sub` of a token. Throws as `person_of_secret` does.
std::string person_of_token(std::string_view issuer, std::string_view subject);

} // namespace hubbub
