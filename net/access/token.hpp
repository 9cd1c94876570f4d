// Which clients may enter which rooms, by a JSON Web Token (RFC 7519).
// Knows: signatures, the claims that the hub reads, the time. Must not know: HTTP.
#pragma once

#include "actors/room_filter.hpp"
#include "net/access/signed_token.hpp"
#include "storage/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// The claims of a valid token.
struct identity {
  std::shared_ptr<const author_profile> by; ///< Verified. Null: there is no token. Without `sub` it
                                            ///< has neither a name nor a person.
  room_filter_ptr rooms;                    ///< Null: all rooms.
  std::chrono::system_clock::time_point expires_at = ///< Includes the leeway. `max()`: never.
      std::chrono::system_clock::time_point::max();
};

/// The key that all tokens are verified with. The key alone determines the algorithm: HS256 for a
/// secret, RS256 for an RSA key, ES256 for a key on the curve P-256.
///
/// Threads: all calls may come from any thread. Lifetime: a part of the settings, which live longer
/// than the endpoints. Invariant: there is always a key.
class token_key {
public:
  static constexpr std::chrono::seconds leeway{5}; ///< For clocks that differ.
  static constexpr std::size_t max_name = 64;      ///< Code points of `sub`; the rest is cut off.

  // Both throw std::invalid_argument with the reason if the text is not such a key.

  static token_key of_secret(std::string secret) {
    return token_key(signature_key::of_secret(std::move(secret)));
  }
  static token_key of_public_key(std::string_view pem) {
    return token_key(signature_key::of_public_key(pem));
  }

  /// Returns the identity of a valid token. Returns nothing if `verified_payload` does, if `exp` or
  /// `nbf` forbids the token at this time, or if a claim has a wrong type. Then `why` is the reason
  /// for operators; it contains nothing of the token.
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
