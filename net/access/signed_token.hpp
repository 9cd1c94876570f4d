// Verification of a signed token in the compact form (RFC 7515, section 7.1).
// Knows: base64url, the header, the three signature algorithms. Must not know: claims, rooms, HTTP.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace hubbub {

enum class signature_algorithm { hs256, rs256, es256 };

/// The key that verifies signatures: a secret, or a public key of RSA or on the curve P-256.
/// Threads: all calls may come from any thread. Lifetime: copies share a public key.
class signature_key {
public:
  // Both throw std::invalid_argument with the reason if the text is not such a key.

  static signature_key of_secret(std::string secret);
  static signature_key of_public_key(std::string_view pem);

  /// Returns the name that a header's `alg` must have (RFC 7518, section 3.1).
  std::string_view algorithm_name() const;

  /// Returns whether `signature`, as decoded bytes, is the signature of `text` by this key.
  bool verifies(std::string_view text, std::string_view signature) const;

private:
  signature_algorithm algorithm_ = signature_algorithm::hs256;
  std::string secret_;
  std::shared_ptr<evp_pkey_st> public_key_;
};

/// Returns the payload of a token that this key has signed. Returns nothing for a token that is
/// malformed or has a wrong signature, and for a header that names another algorithm, a critical
/// extension (RFC 7515, section 4.1.11), or a `typ` other than `JWT` (RFC 7519, section 5.1) and
/// `at+jwt` (RFC 9068, section 2.1). A header without `typ` is accepted. After a failure `why` is
/// the reason for operators; it contains nothing of the token.
std::optional<std::string> verified_payload(std::string_view token, const signature_key& key,
                                            std::string& why);

} // namespace hubbub
