// TLS as a test's client speaks it, and certificates for a test's hub.
// Knows: OpenSSL. Must not know: what is said under it.
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

/// A new self-signed certificate for 127.0.0.1 in that folder, over what is there. `kind` is as
/// `openssl req -newkey` has it.
certificate_files make_certificate(const std::filesystem::path& folder,
                                   const std::string& kind = "ec");

/// Whether HUBBUB_TEST_TLS asks for every hub and every connection of this process to be under TLS.
bool under_tls();

/// The certificate of every hub then: made when it is first asked for, gone with the process.
const certificate_files& common_certificate();

struct free_ssl {
  void operator()(ssl_st* s) const;
};
using ssl = std::unique_ptr<ssl_st, free_ssl>;

/// A client's side on a connected socket. It trusts whoever is there: which certificate it was is
/// for the test to compare.
ssl make_client(int socket, int newest_version = 0);

/// The SHA-256 of the peer's certificate, and of one in a file.
std::string fingerprint(const ssl& of);
std::string fingerprint(const std::filesystem::path& of);

} // namespace test
