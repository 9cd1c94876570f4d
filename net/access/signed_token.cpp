#include "net/access/signed_token.hpp"

#include <boost/beast/core/string.hpp>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hubbub {

namespace {

using nlohmann::json;

struct openssl_deleter {
  void operator()(BIO* object) const { BIO_free(object); }
  void operator()(EVP_MD_CTX* object) const { EVP_MD_CTX_free(object); }
  void operator()(ECDSA_SIG* object) const { ECDSA_SIG_free(object); }
};
template<class T>
using openssl_ptr = std::unique_ptr<T, openssl_deleter>;

/// The size of a signature of ES256: two numbers of 32 bytes each (RFC 7518, section 3.4).
constexpr std::size_t es256_size = 64;

constexpr std::array known_types{"JWT", "at+jwt", "application/at+jwt"};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int base64url_digit(char c) {
  constexpr std::string_view all =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto at = all.find(c);
  return at == all.npos ? -1 : int(at);
}

/// Decodes base64url without padding (RFC 7515, section 2).
std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1)
    return {};
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64url_digit(c);
    if (digit < 0)
      return {};
    bits = bits << 6 | std::uint32_t(digit);
    if (count += 6; count >= 8)
      out += char(bits >> (count -= 8) & 0xff);
  }
  return out;
}

/// Returns the signature in DER, the form that OpenSSL reads. Empty if it is not a signature.
std::string der_of_es256(std::string_view signature) {
  if (signature.size() != es256_size)
    return {};
  constexpr int half = es256_size / 2;
  const openssl_ptr<ECDSA_SIG> parts(ECDSA_SIG_new());
  BIGNUM* const r = BN_bin2bn(bytes(signature), half, nullptr);
  BIGNUM* const s = BN_bin2bn(bytes(signature) + half, half, nullptr);
  if (!parts || !r || !s || !ECDSA_SIG_set0(parts.get(), r, s)) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  std::array<unsigned char, 80> out{};
  auto* end = out.data();
  const int size = i2d_ECDSA_SIG(parts.get(), &end);
  return size > 0 ? std::string(out.data(), end) : std::string();
}

bool is_known_type(const json& header) {
  const auto type = header.find("typ");
  if (type == header.end())
    return true;
  if (!type->is_string())
    return false;
  const auto& name = type->get_ref<const std::string&>();
  return std::any_of(known_types.begin(), known_types.end(),
                     [&](const char* known) { return boost::beast::iequals(name, known); });
}

/// Returns why the header is not acceptable, or an empty text.
std::string header_error(const json& header, std::string_view algorithm) {
  if (!header.is_object())
    return "it is no JSON Web Token";
  const auto named = header.find("alg");
  if (named == header.end() || !named->is_string() ||
      named->get_ref<const std::string&>() != algorithm)
    return "alg is not " + std::string(algorithm);
  if (header.contains("crit"))
    return "crit names an extension";
  if (!is_known_type(header))
    return "typ names another kind of token";
  return {};
}

} // namespace

signature_key signature_key::of_secret(std::string secret) {
  if (secret.empty())
    throw std::invalid_argument("the secret is empty");
  signature_key out;
  out.secret_ = std::move(secret);
  return out;
}

signature_key signature_key::of_public_key(std::string_view pem) {
  const openssl_ptr<BIO> text(BIO_new_mem_buf(pem.data(), int(pem.size())));
  signature_key out;
  out.public_key_.reset(PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  auto* const key = out.public_key_.get();
  if (!key)
    throw std::invalid_argument("it is no public key in PEM");
  if (EVP_PKEY_is_a(key, "RSA")) {
    if (EVP_PKEY_get_bits(key) < 2048)
      throw std::invalid_argument("an RSA key has 2048 bits or more");
    out.algorithm_ = signature_algorithm::rs256;
    return out;
  }
  char curve[32] = "";
  if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) ||
      std::string_view(curve) != SN_X9_62_prime256v1)
    throw std::invalid_argument("it is neither an RSA key nor one on the curve P-256");
  out.algorithm_ = signature_algorithm::es256;
  return out;
}

std::string_view signature_key::algorithm_name() const {
  switch (algorithm_) {
  case signature_algorithm::rs256:
    return "RS256";
  case signature_algorithm::es256:
    return "ES256";
  case signature_algorithm::hs256:
    break;
  }
  return "HS256";
}

bool signature_key::verifies(std::string_view text, std::string_view signature) const {
  if (algorithm_ == signature_algorithm::hs256) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> computed{};
    unsigned size = 0;
    return HMAC(EVP_sha256(), secret_.data(), int(secret_.size()), bytes(text), text.size(),
                computed.data(), &size) &&
           size == signature.size() && CRYPTO_memcmp(computed.data(), signature.data(), size) == 0;
  }
  const bool is_es256 = algorithm_ == signature_algorithm::es256;
  const auto given = is_es256 ? der_of_es256(signature) : std::string(signature);
  const openssl_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool valid =
      !given.empty() && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, public_key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes(given), given.size(), bytes(text), text.size()) == 1;
  ERR_clear_error(); // the next call of TLS on this thread would take these errors for its own
  return valid;
}

std::optional<std::string> verified_payload(std::string_view token, const signature_key& key,
                                            std::string& why) {
  why = "it is no JSON Web Token";
  const auto first = token.find('.'), last = token.rfind('.');
  if (first == token.npos || token.find('.', first + 1) != last)
    return {};
  const auto header = base64url_decode(token.substr(0, first));
  const auto signature = base64url_decode(token.substr(last + 1));
  if (!header || !signature)
    return {};
  why = header_error(json::parse(*header, nullptr, false), key.algorithm_name());
  if (!why.empty())
    return {};
  why = "its signature is not by the hub's key";
  if (!key.verifies(token.substr(0, last), *signature))
    return {};
  why = "its claims are no JSON object";
  return base64url_decode(token.substr(first + 1, last - first - 1));
}

} // namespace hubbub
