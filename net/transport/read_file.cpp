#include "net/transport/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace hubbub {

namespace {

/// The largest file that is read. A pipe or a device, named by mistake, may have no end.
constexpr std::size_t max_bytes = 16 << 20;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
  throw std::invalid_argument("the file " + path.string() + " cannot be read: " + why);
}

} // namespace

std::string read_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    fail(path, std::generic_category().message(errno));
  std::string out;
  std::array<char, 4096> buffer{};
  ssize_t size = 0;
  while (out.size() <= max_bytes && (size = ::read(file, buffer.data(), buffer.size())) > 0)
    out.append(buffer.data(), std::size_t(size));
  const int error = size < 0 ? errno : 0;
  ::close(file);
  if (error)
    fail(path, std::generic_category().message(error));
  if (out.size() > max_bytes)
    fail(path, std::generic_category().message(EFBIG));
  return out;
}

} // namespace hubbub
