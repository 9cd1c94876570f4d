// Starts the binary with its settings in the environment and reads the port from its first line of
// output.
#include "tests/support/hub.hpp"

#include "tests/support/connection.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/measurements.hpp"
#include "tests/support/temp_dir.hpp"

#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

namespace test {

namespace {

std::string binary() {
  return std::filesystem::absolute(variable("HUBBUB").value_or(HUBBUB_BINARY));
}

} // namespace

command hub_command(settings environment, std::vector<std::string> flags) {
  static const temp_dir folder;
  environment.emplace("HOST", "127.0.0.1");
  environment.emplace("PORT", "0");
  return {binary(), std::move(flags), std::move(environment), folder.path()};
}

bool is_instrumented() {
  static const bool found = [] {
    std::ifstream in{binary(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    return bytes.find("__asan_init") != bytes.npos || bytes.find("__tsan_init") != bytes.npos;
  }();
  return found;
}

hub::hub(const database& where, const settings& extra)
    : hub{[&] {
        auto all = extra;
        all.emplace("DATABASE_URL", where.url());
        return all;
      }()} {}

hub::hub(settings all, std::string binary) : settings_{std::move(all)}, binary_{std::move(binary)} {
  settings_.emplace("HOST", "127.0.0.1");
  settings_.emplace("PORT", std::to_string(held_.number()));
  settings_.emplace("RATE_LIMIT", "0");
  if (under_tls()) {
    settings_.emplace("TLS_CERT", common_certificate().chain);
    settings_.emplace("TLS_KEY", common_certificate().key);
  }
  start();
}

hub::~hub() {
  if (!ended_by_test_ && !server_->running())
    std::cerr << "hubbub ended by itself with " << server_->wait() << ":\n" << server_->log();
}

void hub::start() {
  server_.reset();
  auto what = hub_command(settings_);
  if (!binary_.empty())
    what.program = binary_;
  server_ = std::make_unique<process>(what);
  ended_by_test_ = false;
  auto first = server_->line(stream::out);
  constexpr std::string_view mark = "://127.0.0.1:";
  auto at = first.find(mark);
  if (at == first.npos)
    throw std::runtime_error{"no address in the first line: " + first};
  port_ = static_cast<std::uint16_t>(std::stoi(first.substr(at + mark.size())));
}

int hub::stop(int signal, deadline until) {
  ended_by_test_ = true;
  const auto began = deadline::clock::now();
  server_->signal(signal);
  const auto code = server_->wait(until);
  if (signal != SIGKILL)
    record_measurement("a stop", 10s, deadline::clock::now() - began);
  if (code != 0 && signal != SIGKILL)
    std::cerr << "hubbub was stopped and ended with " << code << ":\n" << server_->log();
  return code;
}

void hub::kill() {
  stop(SIGKILL);
}

void hub::logs(const std::string& words) {
  eventually("the hub to log: " + words,
             [&] { return server_->log().find(words) != std::string::npos; });
}

std::size_t hub::resident() const {
  std::ifstream statm{"/proc/" + std::to_string(server_->pid()) + "/statm"};
  std::size_t all = 0, resident = 0;
  if (!(statm >> all >> resident))
    throw std::runtime_error{"cannot read the memory of a hub that has ended"};
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace test
