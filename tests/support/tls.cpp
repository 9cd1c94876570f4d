#include "tests/support/tls.hpp"

#include "tests/support/environment.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

#include <csignal>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace test {

namespace {

std::string digest(const X509* of) {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  X509_digest(of, EVP_sha256(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return bytes.substr(0, size);
}

} // namespace

certificate_files make_certificate(const std::filesystem::path& folder, const std::string& kind) {
  certificate_files out{folder / "chain.pem", folder / "key.pem"};
  std::vector<std::string> arguments{
      "openssl", "req",     "-x509",   "-nodes",
      "-newkey", kind,      "-days",   "30",
      "-subj",   "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
      "-out",    out.chain, "-keyout", out.key};
  if (kind == "ec")
    arguments.insert(arguments.end(), {"-pkeyopt", "ec_paramgen_curve:P-256"});
  if (const auto made = run({"/usr/bin/env", arguments}); made.code != 0)
    throw std::runtime_error{"openssl made no certificate: " + made.err};
  return out;
}

bool under_tls() {
  return variable("HUBBUB_TEST_TLS").has_value();
}

const certificate_files& common_certificate() {
  static const temp_dir folder;
  static const auto files = make_certificate(folder.path());
  return files;
}

void free_ssl::operator()(ssl_st* s) const {
  SSL_free(s);
}

ssl make_client(int socket, int newest_version) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
  static const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  ssl out{SSL_new(context.get())};
  if (newest_version != 0) {
    // At the default level OpenSSL does not offer old versions.
    SSL_set_security_level(out.get(), 0);
    SSL_set_min_proto_version(out.get(), TLS1_VERSION);
    SSL_set_max_proto_version(out.get(), newest_version);
  }
  SSL_set_fd(out.get(), socket);
  SSL_set_connect_state(out.get());
  return out;
}

std::string fingerprint(const ssl& of) {
  return digest(SSL_get0_peer_certificate(of.get()));
}

std::string fingerprint(const std::filesystem::path& of) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file{BIO_new_file(of.c_str(), "r"), BIO_free};
  const std::unique_ptr<X509, decltype(&X509_free)> read{
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), X509_free};
  return digest(read.get());
}

} // namespace test
