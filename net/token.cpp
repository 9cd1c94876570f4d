#include "net/token.hpp"

#include "storage/normal_form.hpp"

#include <jwt.h>
#include <nlohmann/json.hpp>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace hubbub {

namespace {

using nlohmann::json;
using clock = std::chrono::system_clock;

struct freed {
  void operator()(jwt_t* it) const { jwt_free(it); }
  void operator()(char* it) const { std::free(it); }
  void operator()(BIO* it) const { BIO_free(it); }
  void operator()(EVP_PKEY* it) const { EVP_PKEY_free(it); }
};
template<class T>
using owned = std::unique_ptr<T, freed>;

/// A NumericDate (RFC 7519, section 2), which may have a fraction and may be any number.
std::optional<clock::time_point> read_date(const json& claim) {
  if (!claim.is_number())
    return {};
  constexpr double most = 9e9; // the year 2255, within what the clock can count
  const std::chrono::duration<double> since(std::clamp(claim.get<double>(), -most, most));
  return clock::time_point(std::chrono::duration_cast<clock::duration>(since));
}

/// What no one else's name could be taken for: without controls, and cut between two characters.
std::string readable(const std::string& name) {
  std::string out;
  std::size_t characters = 0;
  for (const char c : name) {
    if ((c & 0xc0) != 0x80 && ++characters > token_key::longest_name)
      break;
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
      out += c;
  }
  return out;
}

std::optional<pass> read_claims(const json& claims, clock::time_point now) {
  pass out;
  if (!claims.is_object())
    return {};
  if (const auto exp = claims.find("exp"); exp != claims.end()) {
    const auto at = read_date(*exp);
    if (!at || now >= *at + token_key::leeway)
      return {};
    out.ends = *at + token_key::leeway;
  }
  if (const auto nbf = claims.find("nbf"); nbf != claims.end()) {
    const auto at = read_date(*nbf);
    if (!at || now + token_key::leeway < *at)
      return {};
  }
  if (const auto rooms = claims.find("rooms"); rooms != claims.end()) {
    if (!rooms->is_array())
      return {};
    auto& all = out.rooms.emplace();
    for (const auto& room : *rooms) {
      if (!room.is_string())
        return {};
      all.insert(in_normal_form(room.get<std::string>()));
    }
  }
  if (const auto sub = claims.find("sub"); sub != claims.end()) {
    if (!sub->is_string())
      return {};
    out.name = readable(sub->get<std::string>());
  }
  return out;
}

} // namespace

token_key token_key::of_secret(std::string secret) {
  if (secret.empty())
    throw std::invalid_argument("the secret is empty");
  return {std::move(secret), JWT_ALG_HS256};
}

token_key token_key::of_public_key(std::string pem) {
  const owned<BIO> text(BIO_new_mem_buf(pem.data(), int(pem.size())));
  const owned<EVP_PKEY> key(PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr));
  if (!key)
    throw std::invalid_argument("it is no public key in PEM");
  if (EVP_PKEY_is_a(key.get(), "RSA")) {
    if (EVP_PKEY_get_bits(key.get()) < 2048)
      throw std::invalid_argument("an RSA key has 2048 bits or more");
    return {std::move(pem), JWT_ALG_RS256};
  }
  char curve[32] = "";
  if (EVP_PKEY_is_a(key.get(), "EC") &&
      EVP_PKEY_get_group_name(key.get(), curve, sizeof curve, nullptr) &&
      std::string_view(curve) == SN_X9_62_prime256v1)
    return {std::move(pem), JWT_ALG_ES256};
  throw std::invalid_argument("it is neither an RSA key nor one on the curve P-256");
}

std::optional<pass> token_key::check(std::string_view token, clock::time_point now) const {
  if (token.find('\0') != token.npos) // the library would read on to it alone
    return {};
  jwt_t* raw = nullptr;
  // The library goes by the algorithm that the token names; what counts is that it was ours.
  if (jwt_decode(&raw, std::string(token).c_str(),
                 reinterpret_cast<const unsigned char*>(key_.data()), int(key_.size())) != 0)
    return {};
  const owned<jwt_t> decoded(raw);
  const char* const named = jwt_get_header(decoded.get(), "alg"); // the library forgives its case
  if (jwt_get_alg(decoded.get()) != algorithm_ || !named ||
      std::string_view(named) != jwt_alg_str(jwt_alg_t(algorithm_)))
    return {};
  if (const owned<char> extensions(jwt_get_headers_json(decoded.get(), "crit")); extensions)
    return {};
  const owned<char> claims(jwt_get_grants_json(decoded.get(), nullptr));
  return claims ? read_claims(json::parse(claims.get(), nullptr, false), now) : std::nullopt;
}

} // namespace hubbub
