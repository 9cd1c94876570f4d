// The settings as they were given, before they are checked, and the two steps that read them.
// Knows: the texts of settings. Must not know: how errors are reported.
#pragma once

#include "net/server/options.hpp"

#include <string>

namespace CLI {
class App;
}

namespace hubbub {

/// The settings whose texts are checked and converted after CLI11 has read all of them.
struct option_values {
  std::string database_url = "sqlite:///hubbub.db", listen_database_url;
  std::string public_dir, log_format = "text";
  std::string allowed_origins, trusted_proxies;
  std::string jwt_secret, jwt_public_key, tls_cert, tls_key;
  bool check_config = false;
};

/// The subcommand that checks the machine instead of serving.
inline constexpr const char* doctor_command = "doctor";

/// The subcommand that declares that an older state of the database was restored.
inline constexpr const char* restored_command = "restored";

/// Defines all flags and variables in the order of `--help`. The result of parsing goes to `out`
/// and `values`, which must outlive `app`.
void define_options(CLI::App& app, options& out, option_values& values);

/// Checks what no range can express, and completes `out` from `values`. Throws
/// CLI::ValidationError with one line for the first setting that is wrong.
void check_options(options& out, const option_values& values);

} // namespace hubbub
