// The checks of settings that no range of values can express.
// Knows: which settings go together, and what each must name. Must not know: flags, --help.
#include "net/server/option_values.hpp"
#include "net/transport/read_file.hpp"

#include <CLI/Error.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

/// The folder of the page, the client and the API descriptions that come with hubbub: the folder of
/// an installation, else the folder in the sources. Both are relative to the binary, so that binary
/// and folder can be moved together.
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

/// Returns the connection string of LISTEN_DATABASE_URL, which must name the same kind of database.
std::string listen_address(const std::string& url, const database& store) {
  const auto error = [](const std::string& why) {
    return CLI::ValidationError("LISTEN_DATABASE_URL", why);
  };
  try {
    const auto address = parse_database_url(url);
    if (address.kind == database_kind::postgresql && store.kind == database_kind::postgresql)
      return address.connection_string;
  } catch (const std::invalid_argument& e) {
    throw error(e.what());
  }
  throw error("it is a second address of a PostgreSQL that DATABASE_URL gives the first of");
}

/// Returns the PEM text itself, or the content of the file that the setting names. A variable in an
/// environment file cannot have line breaks, so the two characters `\n` stand for one.
std::string read_pem(std::string given) {
  if (!given.starts_with("-----BEGIN"))
    return read_file(given);
  for (std::size_t at = 0; (at = given.find("\\n", at)) != given.npos;)
    given.replace(at, 2, "\n");
  return given;
}

/// Splits a list at its commas. The items lose the spaces around them; empty items are left out.
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  std::string item;
  for (std::istringstream all(text); std::getline(all, item, ',');)
    if (const auto from = item.find_first_not_of(' '); from != item.npos)
      out.push_back(item.substr(from, item.find_last_not_of(' ') + 1 - from));
  return out;
}

/// Refuses NaN, which passes every check of a range.
void check_rates(const options& out) {
  if (std::isnan(out.rate_limit))
    throw CLI::ValidationError("RATE_LIMIT", "nan is no number of messages");
  if (std::isnan(out.rate_limit_per_ip.value_or(0)))
    throw CLI::ValidationError("RATE_LIMIT_PER_IP", "nan is no number of messages");
  if (std::isnan(out.opens_per_ip.value_or(0)))
    throw CLI::ValidationError("OPENS_PER_IP", "nan is no number of requests");
}

void check_host(options& out) {
  if (out.host == "localhost")
    out.host = "127.0.0.1";
  boost::system::error_code ec;
  if (boost::asio::ip::make_address(out.host, ec); ec)
    throw CLI::ValidationError("HOST", out.host + " is no address such as 127.0.0.1 or ::");
}

void check_database(options& out, const option_values& values) {
  try {
    out.store = parse_database_url(values.database_url);
  } catch (const std::invalid_argument& e) {
    throw CLI::ValidationError("DATABASE_URL", e.what());
  }
  if (!values.listen_database_url.empty())
    out.store.listen_connection_string = listen_address(values.listen_database_url, out.store);
  check_folder(out.store);
}

void check_token_key(options& out, const option_values& values) {
  try {
    if (!values.jwt_secret.empty())
      out.token = token_key::of_secret(values.jwt_secret);
    else if (!values.jwt_public_key.empty())
      out.token = token_key::of_public_key(read_pem(values.jwt_public_key));
  } catch (const std::invalid_argument& e) {
    throw CLI::ValidationError("JWT_PUBLIC_KEY", e.what());
  }
}

void check_certificate(options& out, const option_values& values) {
  if (values.tls_cert.empty() != values.tls_key.empty())
    throw CLI::ValidationError(values.tls_cert.empty() ? "TLS_CERT" : "TLS_KEY",
                               "a certificate and its key go together");
  try {
    if (!values.tls_cert.empty())
      out.certificate = std::make_shared<tls_certificate>(values.tls_cert, values.tls_key);
  } catch (const std::invalid_argument& e) {
    throw CLI::ValidationError("TLS_CERT, TLS_KEY", e.what());
  }
}

void check_public_dir(options& out, const std::string& given) {
  const auto files = own_files(), own = files / "page";
  std::error_code ec;
  // In earlier versions the page was in `files` itself.
  const auto named = given.empty() || fs::equivalent(given, files, ec) ? own : fs::path(given);
  out.public_dir = fs::canonical(named, ec);
  if (ec || !fs::is_directory(out.public_dir))
    throw CLI::ValidationError("PUBLIC_DIR", "there is no folder " + named.string());
  out.own_page = fs::equivalent(out.public_dir, own, ec);
  out.client_dir = fs::weakly_canonical(files / "client", ec);
  out.docs_dir = fs::weakly_canonical(files / "api", ec);
}

void check_admin_token(const std::string& token) {
  // The error must not show the token.
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
    throw CLI::ValidationError("ADMIN_TOKEN", "it has letters, digits and signs of ASCII alone");
}

void check_allowed_origins(options& out, const std::string& list) {
  for (const auto& origin : split_list(list))
    try {
      out.allowed_origins.add(origin);
    } catch (const std::invalid_argument& e) {
      throw CLI::ValidationError("ALLOWED_ORIGINS", origin + " is no origin: " + e.what());
    }
}

void check_trusted_proxies(options& out, const std::string& list) {
  for (const auto& proxy : split_list(list)) {
    const auto known = network::parse(proxy);
    if (!known)
      throw CLI::ValidationError("TRUSTED_PROXIES",
                                 proxy + " is no address or network such as 10.0.0.0/8");
    out.trusted_proxies.push_back(*known);
  }
}

} // namespace

void check_options(options& out, const option_values& values) {
  out.log_json = values.log_format == "json";
  check_rates(out);
  check_host(out);
  check_database(out, values);
  check_token_key(out, values);
  check_certificate(out, values);
  check_public_dir(out, values.public_dir);
  check_admin_token(out.admin_token);
  check_allowed_origins(out, values.allowed_origins);
  check_trusted_proxies(out, values.trusted_proxies);
}

} // namespace hubbub
