#include "actors/person.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <stdexcept>

namespace hubbub {

namespace {

constexpr int shown_bytes = 12; ///< Of the digest. 16 characters, without padding.

/// Returns the first 16 characters of the digest of all texts, one behind the other. Takes them one
/// by one, because a joined text would be another copy of a secret.
std::string digest(std::initializer_list<std::string_view> texts) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto text : texts)
    good = good && EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1;
  if (!good || EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    throw std::runtime_error("OpenSSL makes no SHA-256");
  std::array<unsigned char, shown_bytes / 3 * 4 + 1> base64{}; // OpenSSL adds a NUL
  EVP_EncodeBlock(base64.data(), hash.data(), shown_bytes);
  std::string out(base64.begin(), base64.end() - 1);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

} // namespace

std::string person_of_secret(std::string_view secret) {
  return "anon-" + digest({"hubbub person ", secret});
}

std::string person_of_token(std::string_view issuer, std::string_view subject) {
  return "user-" + digest({"hubbub sub ", issuer, "\n", subject});
}

} // namespace hubbub
