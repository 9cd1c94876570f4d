// The client side of TLS for a test, and certificates for a test's hub.
// Knows: OpenSSL. Must not know: the bytes that TLS carries.
#pragma once

#include <filesystem>
#include <memory>
#include <openssl/types.h>
#include <string>

namespace test {

struct certificate_files {
  std::filesystem::path chain;
  std::filesystem::path key;
};

/// Makes a self-signed certificate for 127.0.0.1 in that folder and overwrites an earlier one.
/// `kind` is an argument of `openssl req -newkey`.
certificate_files make_certificate(const std::filesystem::path& folder,
                                   const std::string& kind = "ec");

/// Whether the environment variable HUBBUB_TEST_TLS is set: then all hubs and connections of this
/// process use TLS by default.
bool under_tls();

/// The certificate of all those hubs. The first call makes it; it is removed when the process ends.
const certificate_files& common_certificate();

struct free_ssl {
  void operator()(ssl_st* s) const;
};
using ssl = std::unique_ptr<ssl_st, free_ssl>;

/// The client side of TLS on a connected socket. It accepts any certificate; the test compares the
/// fingerprint.
ssl make_client(int socket, int newest_version = 0);

/// The SHA-256 digest of the peer's certificate, or of the certificate in a file.
std::string fingerprint(const ssl& of);
std::string fingerprint(const std::filesystem::path& of);

} // namespace test
