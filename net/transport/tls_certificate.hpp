// What the hub shows of itself under TLS: a certificate chain and its key, and how TLS is spoken.
// Knows: OpenSSL's contexts, files. Must not know: sockets.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>

namespace hubbub {

struct tls_deleter {
  void operator()(ssl_st* s) const;
};
/// One connection's side of TLS.
using tls = std::unique_ptr<ssl_st, tls_deleter>;

/// TLS 1.2 and 1.3, forward secret and authenticated ciphers alone, HTTP/1.1 by ALPN (RFC 7301). No
/// renegotiation, no compression, no sessions kept here: who returns brings a ticket. Any thread.
class tls_certificate {
public:
  /// Both in PEM, the chain from the hub's own certificate on. Throws std::invalid_argument with
  /// one sentence that names the file, if anything is wrong with them.
  tls_certificate(std::filesystem::path chain, std::filesystem::path key);

  /// Reads the files again, for those who come from now on. Throws as above, and changes nothing.
  void reload();

  /// Of a server, without a socket.
  tls new_connection() const;

  /// When the hub's own certificate ends.
  std::chrono::system_clock::time_point expires_at() const;

private:
  std::shared_ptr<ssl_ctx_st> current() const;

  const std::filesystem::path chain_, key_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_; ///< Guarded by it.
};

} // namespace hubbub
