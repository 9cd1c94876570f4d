// Who may come in, by a JSON Web Token (RFC 7519).
// Knows: signatures, the claims that count here, and when. Must not know: HTTP, where a token was.
#pragma once

#include "net/access/signed_token.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace hubbub {

/// What a good token says of the one who brings it.
struct identity {
  std::string name;                                  ///< Of `sub`; empty: none.
  std::optional<std::set<std::string>> rooms;        ///< None: all of them.
  std::chrono::system_clock::time_point expires_at = ///< With the leeway; max: never.
      std::chrono::system_clock::time_point::max();

  bool allows(const std::string& room) const { return !rooms || rooms->count(room); }
};

/// The one key that tokens are checked with. The key decides on the algorithm and the token has no
/// say in it: a secret is HS256, an RSA key RS256, a key on the curve P-256 ES256. Any thread.
class token_key {
public:
  static constexpr std::chrono::seconds leeway{5}; ///< For clocks that differ.
  static constexpr std::size_t max_name = 64;      ///< Code points of `sub`; the rest is cut off.

  /// Throws std::invalid_argument, if there is none.
  static token_key of_secret(std::string secret) {
    return token_key(signature_key::of_secret(std::move(secret)));
  }
  static token_key of_public_key(std::string_view pem) {
    return token_key(signature_key::of_public_key(pem));
  }

  /// Nothing, if anything is wrong with it: what net/access/signed_token.hpp says, `exp`, `nbf`, or
  /// a claim's type. Then `why` names the claim and the reason, for operators, in words of the hub
  /// alone.
  std::optional<identity> check(std::string_view token, std::chrono::system_clock::time_point now,
                                std::string& why) const;
  std::optional<identity> check(std::string_view token,
                                std::chrono::system_clock::time_point now) const {
    std::string why;
    return check(token, now, why);
  }

private:
  explicit token_key(signature_key key) : key_(std::move(key)) {}

  signature_key key_;
};

} // namespace hubbub
