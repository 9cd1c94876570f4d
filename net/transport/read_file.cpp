#include "net/transport/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace hubbub {

namespace {

/// A pipe or a device that is named by mistake has no end.
constexpr std::size_t most_bytes = 16 << 20;

[[noreturn]] void cannot_read(const std::filesystem::path& path, const std::string& why) {
  throw std::invalid_argument("the file " + path.string() + " cannot be read: " + why);
}

} // namespace

std::string read_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    cannot_read(path, std::generic_category().message(errno));
  std::string out;
  std::array<char, 4096> some{};
  ssize_t size = 0;
  while (out.size() <= most_bytes && (size = ::read(file, some.data(), some.size())) > 0)
    out.append(some.data(), std::size_t(size));
  const int error = size < 0 ? errno : 0;
  ::close(file);
  if (error)
    cannot_read(path, std::generic_category().message(error));
  if (out.size() > most_bytes)
    cannot_read(path, std::generic_category().message(EFBIG));
  return out;
}

} // namespace hubbub
