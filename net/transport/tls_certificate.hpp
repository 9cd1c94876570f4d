// The certificate chain and key that the hub presents under TLS, and the parameters of TLS.
// Knows: OpenSSL's contexts, files. Must not know: sockets.
#pragma once

#include "storage/thread_safety.hpp"

#include <openssl/types.h>

#include <chrono>
#include <filesystem>
#include <memory>

namespace hubbub {

struct tls_deleter {
  void operator()(ssl_st* s) const;
};
/// The TLS state of one connection.
using tls = std::unique_ptr<ssl_st, tls_deleter>;

/// Offers TLS 1.2 and 1.3 with forward secret, authenticated ciphers only, and HTTP/1.1 by ALPN
/// (RFC 7301). There is no renegotiation and no compression. The hub keeps no sessions: a client
/// resumes with a ticket.
///
/// Threads: all calls may come from any thread. Lifetime: shared by the settings and the endpoints;
/// a connection keeps the OpenSSL context that it was made with. Invariant: the context always has
/// a chain and its matching key.
class tls_certificate {
public:
  /// Both files are PEM; the chain begins with the hub's own certificate. Throws
  /// std::invalid_argument with one sentence that names the file, if a file is not usable.
  tls_certificate(std::filesystem::path chain, std::filesystem::path key);

  /// Reads the files again, for connections that are made after this call. Throws like the
  /// constructor, and changes nothing then.
  void reload();

  /// Returns the TLS state of a server side without a socket.
  tls new_connection() const;

  /// Returns when the hub's own certificate expires.
  std::chrono::system_clock::time_point expires_at() const;

private:
  std::shared_ptr<ssl_ctx_st> current() const;

  // Constant after construction.
  const std::filesystem::path chain_, key_;

  mutable annotated_mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_ HUBBUB_GUARDED_BY(mutex_);
};

} // namespace hubbub
