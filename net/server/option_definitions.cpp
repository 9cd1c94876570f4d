// The flags and variables of all settings.
// Knows: CLI11, the ranges of values, the texts of --help. Must not know: what values mean.
#include "net/server/option_values.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <thread>

namespace hubbub {

namespace {

/// Adds an option that `--help` shows with its default.
template<class Value>
CLI::Option* add(CLI::App& app, const char* flag, const char* variable, Value& value,
                 const char* help) {
  return app.add_option(flag, value, help)->envname(variable)->capture_default_str();
}

/// Adds an option that `--help` shows without a value: a secret, or a setting that may be unset.
template<class Value>
CLI::Option* add_without_default(CLI::App& app, const char* flag, const char* variable,
                                 Value& value, const char* help) {
  return app.add_option(flag, value, help)->envname(variable);
}

void define_process(CLI::App& app, options& out, option_values& values) {
  add(app, "--host", "HOST", out.host, "Address to listen on");
  add(app, "--port", "PORT", out.port, "Port; 0 for any free one, told in the first log line")
      ->check(CLI::Range(0, 65535));
  app.add_flag("--debug", out.debug, "Log what happens to each message")->envname("DEBUG");
  add(app, "--log-format", "LOG_FORMAT", values.log_format,
      "How a line of the log looks: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  add(app, "--database-url", "DATABASE_URL", values.database_url,
      "postgresql://user:password@host/name or sqlite:///file");
  add_without_default(
      app, "--listen-database-url", "LISTEN_DATABASE_URL", values.listen_database_url,
      "PostgreSQL's own address, where --database-url is a pooler's in transaction mode");
  add(app, "--public-dir", "PUBLIC_DIR", values.public_dir, "Folder with the page, index.html");
  add(app, "--threads", "THREADS", out.threads, "Threads for sockets")->check(CLI::Range(1, 256));
}

void define_client_limits(CLI::App& app, options& out, option_values& values) {
  const auto count = CLI::Range(std::size_t{0}, std::size_t{10'000'000});
  const auto per_second = CLI::Range(0., 1e9);
  add(app, "--rate-limit", "RATE_LIMIT", out.rate_limit,
      "Messages a second a connection, with twice that in one go; 0 for no limit")
      ->check(per_second);
  add(app, "--max-rooms", "MAX_ROOMS", out.max_rooms, "Rooms at once of one connection")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}));
  add(app, "--max-data", "MAX_DATA", out.max_data,
      "Bytes of the data of one message, such as 64K; 0 for messages with text alone")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::size_t{0}, std::size_t{256} << 10));
  add(app, "--max-connections", "MAX_CONNECTIONS", out.max_connections,
      "WebSockets at once; 0 for as many as the file limit allows")
      ->check(count);
  add(app, "--max-connections-per-ip", "MAX_CONNECTIONS_PER_IP", out.max_connections_per_ip,
      "WebSockets at once from one address; 0 for no limit")
      ->check(count);
  add_without_default(
      app, "--rate-limit-per-ip", "RATE_LIMIT_PER_IP", out.rate_limit_per_ip,
      "Messages a second from one address, with twice that in one go; 0 for no limit, "
      "unset for 1000 from each public address")
      ->check(per_second);
  add_without_default(
      app, "--opens-per-ip", "OPENS_PER_IP", out.opens_per_ip,
      "Requests, new WebSockets and TLS handshakes a second from one address, with twice that "
      "in one go; 0 for no limit, unset for 100 from each public address")
      ->check(per_second);
  add(app, "--trusted-proxies", "TRUSTED_PROXIES", values.trusted_proxies,
      "Whose X-Forwarded-For is believed: 127.0.0.1,10.0.0.0/8,2001:db8::/32");
}

void define_memory_and_transport(CLI::App& app, options& out) {
  add(app, "--memory-limit", "MEMORY_LIMIT", out.memory_limit,
      "Memory of the process, such as 512M, near which caches are shed, slow readers come back "
      "from the log, and nobody more is let in; 0 for no limit")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::size_t{16} << 20, std::size_t{1} << 50) | CLI::IsMember({0}));
  add(app, "--outbox-limit", "OUTBOX_LIMIT", out.outbox_limit,
      "Bytes that a reader may be behind before it reads from the log instead")
      ->check(CLI::Range(std::size_t{4096}, std::size_t{1} << 30));
  add(app, "--keepalive-timeout", "KEEPALIVE_TIMEOUT", out.keepalive_timeout,
      "Seconds that an HTTP connection waits for another request; longer than a balancer's")
      ->check(CLI::Range(1, 86'400));
  app.add_flag("--deflate", out.deflate,
               "Compress messages for clients that offer it: fewer bytes, more CPU")
      ->envname("DEFLATE");
  app.add_flag("--search", out.search,
               "Let /messages search for words: an index of all messages, made at the start")
      ->envname("SEARCH");
}

void define_access(CLI::App& app, options& out, option_values& values) {
  add(app, "--allowed-origins", "ALLOWED_ORIGINS", values.allowed_origins,
      "Pages of other sites that may connect: https://a.example,https://*.b.example or *");
  auto* const secret = add_without_default(app, "--jwt-secret", "JWT_SECRET", values.jwt_secret,
                                           "Let in who has a token signed with it by HS256");
  add_without_default(app, "--jwt-public-key", "JWT_PUBLIC_KEY", values.jwt_public_key,
                      "The same by RS256 or ES256: a public key in PEM, or the file that it is in")
      ->excludes(secret);
  add_without_default(app, "--tls-cert", "TLS_CERT", values.tls_cert,
                      "Serve HTTPS: the file with the certificate chain, in PEM");
  add_without_default(app, "--tls-key", "TLS_KEY", values.tls_key,
                      "The file with the certificate's key, in PEM");
  add_without_default(
      app, "--admin-token", "ADMIN_TOKEN", out.admin_token,
      "What operators send as Authorization: Bearer for /metrics and /ws-info; without "
      "one all may ask");
}

void define_modes(CLI::App& app, option_values& values) {
  app.add_flag("--check-config", values.check_config, "Check the settings, and start nothing");
  app.add_subcommand(doctor_command,
                     "Say what stands in a hub's way: settings, database, file limit, port, page")
      ->fallthrough(); // the settings may follow the command
  app.add_subcommand(restored_command,
                     "Say that an older state of the database was restored: no id is given twice, "
                     "and clients are told what was lost")
      ->fallthrough();
  app.set_version_flag("--version", std::string("hubbub " HUBBUB_VERSION));
}

} // namespace

void define_options(CLI::App& app, options& out, option_values& values) {
  out.threads = std::max(1u, std::thread::hardware_concurrency());
  define_process(app, out, values);
  define_client_limits(app, out, values);
  define_memory_and_transport(app, out);
  define_access(app, out, values);
  define_modes(app, values);
}

} // namespace hubbub
