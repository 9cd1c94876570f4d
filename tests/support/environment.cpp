// Clears the environment and puts back what tests may depend on.
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

/// The system's own programs come first: an `openssl` of another origin may know other options.
std::string search_path() {
  std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  if (const auto own = variable("PATH"); own && !own->empty())
    path += ':' + *own;
  return path;
}

} // namespace

std::optional<std::string> variable(const char* name) {
  if (const auto* const value = std::getenv(name)) // NOLINT(concurrency-mt-unsafe): nobody sets any
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
  // Where everybody may enter, and whose name is short enough for a socket.
  const auto folder = variable("TMPDIR");
  if (folder && ::access("/tmp", W_OK | X_OK) != 0)
    kept.emplace_back("TMPDIR", *folder);
  ::clearenv();
  for (const auto& [name, value] : kept)
    ::setenv(name.c_str(), value.c_str(), 1);
  ::umask(022);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max; // thousands of sockets here, and the hub inherits it for its own
  ::setrlimit(RLIMIT_NOFILE, &files);
}

} // namespace test
