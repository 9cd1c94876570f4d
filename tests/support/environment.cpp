// Clears the environment and sets again what tests may depend on.
#include "tests/support/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace test {

namespace {

bool is_kept(std::string_view name) {
  return name.starts_with("HUBBUB") || name.ends_with("SAN_OPTIONS") || name == "LD_LIBRARY_PATH" ||
         name == "LLVM_PROFILE_FILE";
}

/// The system's folders come first, because an `openssl` from elsewhere may have other options.
std::string search_path() {
  std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  if (const auto own = variable("PATH"); own && !own->empty())
    path += ':' + *own;
  return path;
}

} // namespace

std::optional<std::string> variable(const char* name) {
  if (const auto* const value =
          std::getenv(name)) // NOLINT(concurrency-mt-unsafe): no thread sets one
    return value;
  return {};
}

void settle_environment() {
  std::vector<std::pair<std::string, std::string>> kept{
      {"PATH", search_path()}, {"LC_ALL", "C.UTF-8"}, {"HOME", "/nonexistent"}};
  for (auto each = ::environ; *each != nullptr; ++each) {
    const std::string_view line{*each};
    const auto name = line.substr(0, line.find('='));
    if (is_kept(name))
      kept.emplace_back(name, line.substr(std::min(line.size(), name.size() + 1)));
  }
  // Every user may enter /tmp, and its name is short enough for the address of a Unix socket.
  const auto folder = variable("TMPDIR");
  if (folder && ::access("/tmp", W_OK | X_OK) != 0)
    kept.emplace_back("TMPDIR", *folder);
  ::clearenv();
  for (const auto& [name, value] : kept)
    ::setenv(name.c_str(), value.c_str(), 1);
  ::umask(022);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  // Tests need thousands of sockets, and the hub inherits the limit for its own.
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

} // namespace test
