// JSON Web Tokens that a test signs. Must not know claims.
#pragma once

#include <algorithm>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string>
#include <string_view>

namespace test {

/// The JWT_SECRET of a hub.
inline const std::string jwt_secret = "a secret of the hub that is long enough";

inline std::string base64url(std::string_view bytes) {
  std::string out(4 * (bytes.size() / 3 + 1) + 1, '\0');
  const auto size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()));
  out.resize(std::size_t(size));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  return out;
}

/// A token with that header and those claims, both JSON, signed with HS256.
inline std::string signed_token(const std::string& head, const std::string& claims,
                                const std::string& secret = jwt_secret) {
  const auto text = base64url(head) + '.' + base64url(claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), int(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + '.' + base64url({reinterpret_cast<const char*>(mac), size});
}

} // namespace test
