// A signed token in its compact form (RFC 7515, section 7.1), and whether its signature is good.
// Knows: base64url, the header, the three signature algorithms. Must not know: claims, rooms, HTTP.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace hubbub {

enum class signature_algorithm { hs256, rs256, es256 };

/// The key that signatures are checked with: a secret, or a public key of RSA or on the curve
/// P-256. Copies share the key. Any thread.
class signature_key {
public:
  /// Both throw std::invalid_argument, if it is no such key.
  static signature_key of_secret(std::string secret);
  static signature_key of_public_key(std::string_view pem);

  /// The name of the algorithm in a header's `alg` (RFC 7518, section 3.1).
  std::string_view algorithm_name() const;

  /// Whether `signature` (in bytes) is that of `text` by this key.
  bool verifies(std::string_view text, std::string_view signature) const;

private:
  signature_algorithm algorithm_ = signature_algorithm::hs256;
  std::string secret_;
  std::shared_ptr<evp_pkey_st> public_key_;
};

/// The payload of a token that this key has signed. Nothing, if it is malformed, if its signature
/// is not good, if its header names another algorithm or an extension that must be understood (RFC
/// 7515, section 4.1.11), or if its `typ` says that it is another kind of token than `JWT` (RFC
/// 7519, section 5.1) or `at+jwt` (RFC 9068, section 2.1); without a `typ` it may be any. Then
/// `why` is the reason, for operators, in words of the hub alone.
std::optional<std::string> verified_payload(std::string_view token, const signature_key& key,
                                            std::string& why);

} // namespace hubbub
