// The settings: from the environment, from flags, checked before anything starts.
// Knows: names, defaults and limits of every setting. Must not know: what is done with them.
#pragma once

#include "net/access/network.hpp"
#include "net/access/origin.hpp"
#include "net/access/token.hpp"
#include "net/transport/tls_certificate.hpp"
#include "storage/database_url.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

namespace hubbub {

/// What the process is to do.
enum class run_mode { serve, check_config, doctor };

struct options {
  run_mode mode = run_mode::serve;
  std::string host = "0.0.0.0";
  std::uint16_t port = 6088;
  bool debug = false;
  bool log_json = false;
  database store;
  std::filesystem::path public_dir; ///< Canonical.
  bool own_page = false;            ///< public_dir is the page that comes with hubbub.
  std::filesystem::path client_dir; ///< Canonical, of the client's modules, which our page imports.
  std::filesystem::path docs_dir;   ///< Canonical, of the pages about the API; may not exist.
  unsigned threads = 0;
  double rate_limit = 20;
  std::size_t max_connections = 0; ///< 0: as many as there are file descriptors for.
  std::size_t max_connections_per_ip = 0;
  /// A second from one address; 0 for no limit, none for the default, which is for public addresses
  /// alone.
  std::optional<double> rate_limit_per_ip, opens_per_ip;
  networks trusted_proxies;
  std::size_t memory_limit = 0; ///< Bytes of the process; 0: none.
  std::size_t outbox_limit = 262144;
  std::uint32_t keepalive_timeout = 90; ///< Seconds that HTTP waits for another request.
  bool deflate = false;
  hubbub::allowed_origins allowed_origins;
  std::optional<token_key> token; ///< What tokens are checked with; none: nobody needs one.
  std::shared_ptr<tls_certificate> certificate; ///< None: HTTP and WebSocket in the clear.
  std::string admin_token;                      ///< Empty: everybody is an operator.
};

/// Instead of settings: what was asked for (`--help`, `--version`) and 0, or one line about what is
/// wrong and 2.
struct options_end {
  int code;
  std::string text;
};

/// Reads both; a flag wins over the environment.
std::variant<options, options_end> try_options(int argc, const char* const* argv);

/// The same, but prints what there is to say, and ends the process with its code.
options read_options(int argc, char** argv);

} // namespace hubbub
