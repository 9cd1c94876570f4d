#include "net/server/options.hpp"

#include "net/ops/log_writer.hpp"
#include "net/transport/read_file.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

/// The folder of our page, of the client and of the pages about the API: where an install puts it,
/// else the one in the sources; each as seen from the binary, so that both may be moved.
fs::path own_files() {
  std::error_code ec;
  const auto folder = fs::read_symlink("/proc/self/exe", ec).parent_path();
  const auto installed = folder / HUBBUB_INSTALLED_FILES;
  return fs::exists(installed / "page/index.html", ec) ? installed : folder / HUBBUB_SOURCE_FILES;
}

void check_folder(const database& store) {
  if (store.kind != database_kind::sqlite)
    return;
  const fs::path file(store.display_name.substr(std::string("sqlite:///").size()));
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code ec;
  if (!fs::is_directory(folder, ec))
    throw CLI::ValidationError("DATABASE_URL", "there is no folder " + folder.string() +
                                                   " (an absolute path takes four slashes)");
  if (::access(folder.c_str(), W_OK) != 0)
    throw CLI::ValidationError("DATABASE_URL",
                               "the folder " + folder.string() + " is not writable");
}

/// Of the same database, for what a session of its own must keep.
std::string listen_address(const std::string& url, const database& store) {
  const auto wrong = [](const std::string& why) {
    return CLI::ValidationError("LISTEN_DATABASE_URL", why);
  };
  try {
    const auto address = parse_database_url(url);
    if (address.kind == database_kind::postgresql && store.kind == database_kind::postgresql)
      return address.connection_string;
  } catch (const std::invalid_argument& e) {
    throw wrong(e.what());
  }
  throw wrong("it is a second address of a PostgreSQL that DATABASE_URL gives the first of");
}

/// PEM as it is, or the file of that name. An environment file has no line breaks, but `\\n`.
std::string read_pem(std::string given) {
  if (!given.starts_with("-----BEGIN"))
    return read_file(given);
  for (std::size_t at = 0; (at = given.find("\\n", at)) != given.npos;)
    given.replace(at, 2, "\n");
  return given;
}

/// What is between commas, without spaces before it and `ends` behind it.
std::vector<std::string> listed(const std::string& text, const char* ends) {
  std::vector<std::string> out;
  std::string one;
  for (std::istringstream all(text); std::getline(all, one, ',');)
    if (const auto from = one.find_first_not_of(' '); from != one.npos)
      out.push_back(one.substr(from, one.find_last_not_of(ends) + 1 - from));
  return out;
}

/// CLI11 leaves out a variable whose value its checks refuse, from version 2.4 on, and says
/// nothing.
void read_left_out(CLI::App& app) {
  for (auto* const option : app.get_options()) {
    const auto name = option->get_envname();
    if (option->count() > 0 || name.empty())
      continue;
    const char* const value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): see main
    if (!value || !*value)
      continue;
    option->add_result(value);
    option->run_callback(); // throws what the checks say
  }
}

void read(CLI::App& app, int argc, const char* const* argv, options& o) {
  std::string url = "sqlite:///hubbub.db", listen_url, page, origins, log_format = "text", secret,
              public_key, cert, key, proxies;
  const auto count = CLI::Range(std::size_t{0}, std::size_t{10'000'000});
  const auto add = [&](const char* flag, const char* variable, auto& value, const char* what) {
    return app.add_option(flag, value, what)->envname(variable)->capture_default_str();
  };
  o.threads = std::max(1u, std::thread::hardware_concurrency());
  add("--host", "HOST", o.host, "Address to listen on");
  add("--port", "PORT", o.port, "Port; 0 for any free one, told in the first log line")
      ->check(CLI::Range(0, 65535));
  app.add_flag("--debug", o.debug, "Log what happens to each message")->envname("DEBUG");
  add("--log-format", "LOG_FORMAT", log_format, "How a line of the log looks: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  add("--database-url", "DATABASE_URL", url,
      "postgresql://user:password@host/name or sqlite:///file");
  app.add_option("--listen-database-url", listen_url,
                 "PostgreSQL's own address, where --database-url is a pooler's in transaction mode")
      ->envname("LISTEN_DATABASE_URL");
  add("--public-dir", "PUBLIC_DIR", page, "Folder with the page, index.html");
  add("--threads", "THREADS", o.threads, "Threads for sockets")->check(CLI::Range(1, 256));
  add("--rate-limit", "RATE_LIMIT", o.rate_limit,
      "Messages a second a connection, with twice that in one go; 0 for no limit")
      ->check(CLI::Range(0., 1e9));
  add("--max-connections", "MAX_CONNECTIONS", o.max_connections,
      "WebSockets at once; 0 for as many as the file limit allows")
      ->check(count);
  add("--max-connections-per-ip", "MAX_CONNECTIONS_PER_IP", o.max_connections_per_ip,
      "WebSockets at once from one address; 0 for no limit")
      ->check(count);
  const auto a_second = CLI::Range(0., 1e9);
  app.add_option("--rate-limit-per-ip", o.rate_limit_per_ip,
                 "Messages a second from one address, with twice that in one go; 0 for no limit, "
                 "unset for 1000 from each public address")
      ->envname("RATE_LIMIT_PER_IP")
      ->check(a_second);
  app.add_option(
         "--opens-per-ip", o.opens_per_ip,
         "Requests, new WebSockets and TLS handshakes a second from one address, with twice that "
         "in one go; 0 for no limit, unset for 100 from each public address")
      ->envname("OPENS_PER_IP")
      ->check(a_second);
  add("--trusted-proxies", "TRUSTED_PROXIES", proxies,
      "Whose X-Forwarded-For is believed: 127.0.0.1,10.0.0.0/8,2001:db8::/32");
  add("--memory-limit", "MEMORY_LIMIT", o.memory_limit,
      "Memory of the process, such as 512M, near which caches are shed, slow readers come back "
      "from the log, and nobody more is let in; 0 for no limit")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::size_t{16} << 20, std::size_t{1} << 50) | CLI::IsMember({0}));
  add("--outbox-limit", "OUTBOX_LIMIT", o.outbox_limit,
      "Bytes that a reader may be behind before it reads from the log instead")
      ->check(CLI::Range(std::size_t{4096}, std::size_t{1} << 30));
  add("--keepalive-timeout", "KEEPALIVE_TIMEOUT", o.keepalive_timeout,
      "Seconds that an HTTP connection waits for another request; longer than a balancer's")
      ->check(CLI::Range(1, 86'400));
  app.add_flag("--deflate", o.deflate,
               "Compress messages for clients that offer it: fewer bytes, more CPU")
      ->envname("DEFLATE");
  add("--allowed-origins", "ALLOWED_ORIGINS", origins,
      "Pages of other sites that may connect: https://a.example,https://*.b.example or *");
  // Without their values in --help: it shows what is set.
  auto* const by_secret =
      app.add_option("--jwt-secret", secret, "Let in who has a token signed with it by HS256")
          ->envname("JWT_SECRET");
  app.add_option("--jwt-public-key", public_key,
                 "The same by RS256 or ES256: a public key in PEM, or the file that it is in")
      ->envname("JWT_PUBLIC_KEY")
      ->excludes(by_secret);
  app.add_option("--tls-cert", cert, "Serve HTTPS: the file with the certificate chain, in PEM")
      ->envname("TLS_CERT");
  app.add_option("--tls-key", key, "The file with the certificate's key, in PEM")
      ->envname("TLS_KEY");
  app.add_option("--admin-token", o.admin_token,
                 "What operators send as Authorization: Bearer for /metrics and /ws-info; without "
                 "one all may ask")
      ->envname("ADMIN_TOKEN");
  bool check_config = false;
  app.add_flag("--check-config", check_config, "Check the settings, and start nothing");
  auto* const doctor = app.add_subcommand(
      "doctor", "Say what stands in a hub's way: settings, database, file limit, port, page");
  doctor->fallthrough(); // the settings may come after it
  app.set_version_flag("--version", std::string("hubbub " HUBBUB_VERSION));
  app.parse(argc, argv);
  read_left_out(app);
  o.log_json = log_format == "json";
  o.what = doctor->parsed() ? run_mode::doctor
           : check_config   ? run_mode::check_config
                            : run_mode::serve;

  // Within any range:
  if (std::isnan(o.rate_limit))
    throw CLI::ValidationError("RATE_LIMIT", "nan is no number of messages");
  if (std::isnan(o.rate_limit_per_ip.value_or(0)))
    throw CLI::ValidationError("RATE_LIMIT_PER_IP", "nan is no number of messages");
  if (std::isnan(o.opens_per_ip.value_or(0)))
    throw CLI::ValidationError("OPENS_PER_IP", "nan is no number of requests");
  boost::system::error_code no_address;
  if (o.host == "localhost")
    o.host = "127.0.0.1";
  if (boost::asio::ip::make_address(o.host, no_address); no_address)
    throw CLI::ValidationError("HOST", o.host + " is no address such as 127.0.0.1 or ::");
  try {
    o.store = parse_database_url(url);
  } catch (const std::invalid_argument& e) {
    throw CLI::ValidationError("DATABASE_URL", e.what());
  }
  if (!listen_url.empty())
    o.store.listen_connection_string = listen_address(listen_url, o.store);
  check_folder(o.store);
  try {
    if (!secret.empty())
      o.token = token_key::of_secret(secret);
    else if (!public_key.empty())
      o.token = token_key::of_public_key(read_pem(public_key));
  } catch (const std::invalid_argument& e) {
    throw CLI::ValidationError("JWT_PUBLIC_KEY", e.what());
  }
  if (cert.empty() != key.empty())
    throw CLI::ValidationError(cert.empty() ? "TLS_CERT" : "TLS_KEY",
                               "a certificate and its key go together");
  try {
    if (!cert.empty())
      o.certificate = std::make_shared<tls_certificate>(cert, key);
  } catch (const std::invalid_argument& e) {
    throw CLI::ValidationError("TLS_CERT, TLS_KEY", e.what());
  }
  const auto files = own_files(), own = files / "page";
  std::error_code ec;
  // Our page was in that folder itself before it had its own there.
  const auto named = page.empty() || fs::equivalent(page, files, ec) ? own : fs::path(page);
  o.public_dir = fs::canonical(named, ec);
  if (ec || !fs::is_directory(o.public_dir))
    throw CLI::ValidationError("PUBLIC_DIR", "there is no folder " + named.string());
  // What is wrong with it is told without it.
  if (!std::all_of(o.admin_token.begin(), o.admin_token.end(),
                   [](char c) { return c > ' ' && c < '\x7f'; }))
    throw CLI::ValidationError("ADMIN_TOKEN", "it has letters, digits and signs of ASCII alone");
  o.own_page = fs::equivalent(o.public_dir, own, ec);
  o.client_dir = fs::weakly_canonical(files / "client", ec);
  o.docs_dir = fs::weakly_canonical(files / "api", ec);
  for (const auto& origin : listed(origins, " "))
    try {
      o.allowed_origins.add(origin);
    } catch (const std::invalid_argument& e) {
      throw CLI::ValidationError("ALLOWED_ORIGINS", origin + " is no origin: " + e.what());
    }
  for (const auto& proxy : listed(proxies, " ")) {
    const auto known = network::parse(proxy);
    if (!known)
      throw CLI::ValidationError("TRUSTED_PROXIES",
                                 proxy + " is no address or network such as 10.0.0.0/8");
    o.trusted_proxies.push_back(*known);
  }
}

} // namespace

std::variant<options, options_end> try_options(int argc, const char* const* argv) {
  CLI::App app("An actor-model WebSocket message hub.", "hubbub");
  options o;
  std::ostringstream said;
  try {
    read(app, argc, argv, o);
    return o;
  } catch (const CLI::Success& e) {
    const int code = app.exit(e, said, said);
    return options_end{code, said.str()};
  } catch (const CLI::Error& e) {
    const std::string line = e.what();
    return options_end{2, "hubbub: " + line.substr(0, line.find('\n')) + '\n'};
  }
}

options read_options(int argc, char** argv) {
  auto read = try_options(argc, argv);
  if (const auto* end = std::get_if<options_end>(&read)) {
    if (end->code)
      write_or_give_up(STDERR_FILENO, end->said);
    else
      std::cout << end->said << std::flush;
    std::exit(end->code); // NOLINT(concurrency-mt-unsafe): there is but one thread yet
  }
  return std::get<options>(std::move(read));
}

} // namespace hubbub
