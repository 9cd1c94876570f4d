// A hub that serves over TLS.
// Knows: its certificate. Must not know: what is sent over TLS.
#pragma once

#include "tests/support/connection.hpp"
#include "tests/support/hub.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls.hpp"

#include <string>

namespace test {

inline const connect_options secure{.tls = true}, plain{.tls = false};

/// A hub with a new certificate, and its database.
struct secure_hub {
  temp_dir folder;
  certificate_files files = make_certificate(folder.path());
  sqlite db;
  hub server{db, {{"TLS_CERT", files.chain}, {"TLS_KEY", files.key}}};

  /// The fingerprint of the certificate that the hub shows to a new connection.
  std::string shown(const connect_options& how = secure) const {
    return fingerprint(connection{server.port(), how}.tls());
  }
};

} // namespace test
