#include "net/ops/stderr_capture.hpp"

#include "net/http/printable.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <string>
#include <unistd.h>
#include <utility>

namespace hubbub {

namespace {

constexpr std::size_t max_line = 500;

std::FILE* original = nullptr;

void log_line(std::string_view line) {
  if (!line.empty())
    spdlog::warn("a library wrote to standard error: {}", printable(line, max_line));
}

/// The write function of the stream. stdio calls it with the lock of the stream, which guards the
/// buffer.
ssize_t write_cookie(void* buffer, const char* bytes, std::size_t size) {
  thread_local bool recursing = false;
  if (recursing) // the log itself writes to stderr
    return ::write(STDERR_FILENO, bytes, size);
  recursing = true;
  auto& line = *static_cast<std::string*>(buffer);
  try {
    line.append(bytes, size);
    std::size_t end = 0;
    while ((end = line.find('\n')) != line.npos) {
      log_line(std::string_view(line).substr(0, end));
      line.erase(0, end + 1);
    }
    if (line.size() > max_line) {
      log_line(line);
      line.clear();
    }
  } catch (...) {
    line.clear(); // an exception must not pass through C code
  }
  recursing = false;
  return ssize_t(size);
}

} // namespace

void log_standard_error() {
  static auto* const buffer =
      new std::string; // never destroyed, because any thread may write until the end
  auto* const stream = ::fopencookie(buffer, "w", {nullptr, write_cookie, nullptr, nullptr});
  if (!stream)
    return;
  std::setvbuf(stream, nullptr, _IOLBF, BUFSIZ);
  original = std::exchange(stderr, stream); // a variable in glibc
}

void release_standard_error() {
  if (original)
    stderr = original;
}

} // namespace hubbub
