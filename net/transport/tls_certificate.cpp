#include "net/transport/tls_certificate.hpp"

#include "net/transport/read_file.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>
#include <stdexcept>
#include <string_view>

namespace hubbub {

namespace {

using context_ptr = std::shared_ptr<SSL_CTX>;

/// The ciphers of TLS 1.2. All ciphers of TLS 1.3 are forward secret and authenticated anyway.
constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

constexpr std::string_view http_1_1 = "\x08http/1.1";

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& how) {
  throw std::invalid_argument("the file " + file.string() + ' ' + how);
}

/// Returns OpenSSL's text for the failure of its last call.
std::string openssl_reason() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const auto* const text = ERR_reason_error_string(code);
  return text ? text : "unreadable";
}

/// Selects HTTP/1.1. A client that offers only other protocols is served HTTP/1.1 too, and may
/// close the connection.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  const auto* const ours = reinterpret_cast<const unsigned char*>(http_1_1.data());
  if (SSL_select_next_proto(&chosen, size, ours, http_1_1.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

context_ptr load(const std::filesystem::path& chain, const std::filesystem::path& key) {
  for (const auto& file : {chain, key})
    read_file(file); // OpenSSL would call an unreadable file one without a certificate
  context_ptr out(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!out)
    throw std::bad_alloc();
  auto* const c = out.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                             SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // A write that the socket did not take is repeated with bytes that may have moved. The buffers
  // of an idle connection, 34 KB, are released.
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                          SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 1);
  SSL_CTX_set_cipher_list(c, ciphers);
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  // Without this callback OpenSSL would ask for the password of a key on the terminal.
  SSL_CTX_set_default_passwd_cb(c, [](char*, int, int, void*) { return 0; });
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(c, chain.c_str()) != 1)
    fail(chain, "contains no certificate in PEM: " + openssl_reason());
  if (SSL_CTX_use_PrivateKey_file(c, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(c) != 1)
    fail(key, "contains no key in PEM without a password that belongs to the certificate: " +
                  openssl_reason());
  return out;
}

} // namespace

void tls_deleter::operator()(ssl_st* s) const {
  SSL_free(s);
}

tls_certificate::tls_certificate(std::filesystem::path chain, std::filesystem::path key)
    : chain_(std::move(chain)), key_(std::move(key)), context_(load(chain_, key_)) {}

void tls_certificate::reload() {
  auto loaded = load(chain_, key_);
  const mutex_lock lock(mutex_);
  context_.swap(loaded);
}

context_ptr tls_certificate::current() const {
  const mutex_lock lock(mutex_);
  return context_;
}

tls tls_certificate::new_connection() const {
  tls out(SSL_new(current().get()));
  if (!out)
    throw std::bad_alloc();
  SSL_set_accept_state(out.get());
  return out;
}

std::chrono::system_clock::time_point tls_certificate::expires_at() const {
  std::tm when{};
  ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(current().get())), &when);
  return std::chrono::system_clock::from_time_t(::timegm(&when));
}

} // namespace hubbub
