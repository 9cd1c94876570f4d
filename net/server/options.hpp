// The settings of the process, from flags and the environment, checked before anything starts.
// Knows: names, defaults and limits of every setting. Must not know: how they are used.
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

/// What the process does.
enum class run_mode { serve, check_config, doctor, restored };

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
  std::size_t max_rooms = 100;     ///< Rooms of one connection, the first one included.
  std::size_t max_data = 8192;     ///< Bytes of the data of one message. 0: no message has any.
  std::size_t max_connections = 0; ///< 0: as many as the limit of open files allows.
  std::size_t max_connections_per_ip = 0;
  /// Per second and client address. 0: no limit. Unset: the default limit, which applies to public
  /// addresses only.
  std::optional<double> rate_limit_per_ip, opens_per_ip;
  networks trusted_proxies;
  std::size_t memory_limit = 0; ///< Bytes of the process; 0: no limit.
  std::size_t outbox_limit = 262144;
  std::uint32_t keepalive_timeout = 90; ///< Seconds until an idle HTTP connection is closed.
  bool deflate = false;
  bool search = false; ///< Messages can be searched.
  hubbub::allowed_origins allowed_origins;
  std::optional<token_key> token;               ///< Key of tokens; none: no client needs a token.
  std::shared_ptr<tls_certificate> certificate; ///< Null: no TLS.
  std::string admin_token;                      ///< Empty: every client is an operator.
};

/// The result when there are no settings: the output of `--help` or `--version` with code 0, or one
/// line about the first error with code 2.
struct options_end {
  int code;
  std::string text;
};

/// Reads flags and environment; a flag takes precedence over its variable.
std::variant<options, options_end> try_options(int argc, const char* const* argv);

/// Does the same, but prints an options_end and ends the process with its code.
options read_options(int argc, char** argv);

} // namespace hubbub
