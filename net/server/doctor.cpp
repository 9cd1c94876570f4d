#include "net/server/doctor.hpp"

#include "net/access/admin_token.hpp"
#include "net/server/threads.hpp"
#include "storage/search_diagnostics.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/resource.h>

#include <iomanip>
#include <iostream>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

/// The wanted number of open files if MAX_CONNECTIONS is not set. Usual defaults are lower, and
/// were not chosen with connections in mind.
constexpr rlim_t default_files = 4096;

finding files(const options& settings) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto wanted = settings.max_connections ? settings.max_connections + 64 : default_files;
  return {limit.rlim_max >= wanted, "files",
          std::to_string(limit.rlim_max) + " may be open, " + std::to_string(wanted) +
              " are wanted: a connection is one",
          "raise ulimit -n, LimitNOFILE= in a unit, or nofile of a container"};
}

finding threads(const options& settings) {
  const auto wanted = max_threads(settings), made = try_threads(wanted);
  return {made == wanted, "threads",
          std::to_string(made) + " could be made, " + std::to_string(wanted) + " are wanted",
          "raise ulimit -u, LimitNPROC= and TasksMax= in a unit, or the pids limit of a container"};
}

finding port(const options& settings) {
  const auto name = settings.host + " port " + std::to_string(settings.port);
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context);
  boost::system::error_code ec;
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(settings.host), settings.port);
  acceptor.open(endpoint.protocol(), ec);
  acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  acceptor.bind(endpoint, ec);
  if (!ec)
    acceptor.listen(1, ec);
  return {!ec, "port", name + (ec ? ": " + ec.message() : std::string(" is free")),
          "end what listens there, or set PORT or HOST"};
}

finding page(const options& settings) {
  const auto index = settings.public_dir / "index.html";
  std::error_code ec;
  return {fs::is_regular_file(index, ec), "page",
          index.string() + (fs::is_regular_file(index, ec) ? " is there" : " is not there"),
          "set PUBLIC_DIR to a folder with an index.html, or leave it unset"};
}

finding token(const options& settings) {
  const auto size = settings.admin_token.size();
  return {size == 0 || size >= min_admin_token, "token",
          size == 0 ? "none: everybody may ask what operators ask"
                    : std::to_string(size) + " characters",
          "set ADMIN_TOKEN to something like the output of openssl rand -hex 16"};
}

finding tls_ends(const options& settings) {
  if (!settings.certificate)
    return {true, "tls", "none: a proxy in front may have it", ""};
  const auto left = std::chrono::floor<std::chrono::days>(settings.certificate->expires_at() -
                                                          std::chrono::system_clock::now())
                        .count();
  return {left >= 0, "tls",
          left >= 0 ? "the certificate is good for " + std::to_string(left) + " more days"
                    : "the certificate has expired",
          "put a new one in its place, and send the hub a SIGHUP"};
}

} // namespace

std::vector<finding> examine(const options& settings) {
  auto all = diagnose_database(settings.store);
  for (auto& one : diagnose_search(settings.store, settings.search))
    all.push_back(std::move(one));
  for (auto* each : {files, threads, port, page, token, tls_ends})
    all.push_back(each(settings));
  return all;
}

bool print(const std::vector<finding>& all) {
  bool well = true;
  for (const auto& one : all) {
    std::cout << (one.ok ? "ok     " : "WRONG  ") << std::left << std::setw(9) << one.check
              << one.detail << '\n';
    if (!one.ok)
      std::cout << std::string(16, ' ') << "-> " << one.remedy << '\n';
    well = well && one.ok;
  }
  std::cout << (well ? "All is well." : "Not all is well.") << std::endl;
  return well;
}

} // namespace hubbub
