#include "net/ops/stderr_capture.hpp"

#include "net/http/printable.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <string>
#include <unistd.h>
#include <utility>

namespace hubbub {

namespace {

constexpr std::size_t most_of_a_line = 500;

std::FILE* original = nullptr;

void tell(std::string_view line) {
  if (!line.empty())
    spdlog::warn("a library says: {}", printable(line, most_of_a_line));
}

/// stdio holds the stream's lock.
ssize_t take(void* begun, const char* bytes, std::size_t size) {
  thread_local bool within = false;
  if (within) // the log itself complains
    return ::write(STDERR_FILENO, bytes, size);
  within = true;
  auto& line = *static_cast<std::string*>(begun);
  try {
    line.append(bytes, size);
    std::size_t end = 0;
    while ((end = line.find('\n')) != line.npos) {
      tell(std::string_view(line).substr(0, end));
      line.erase(0, end + 1);
    }
    if (line.size() > most_of_a_line) {
      tell(line);
      line.clear();
    }
  } catch (...) {
    line.clear(); // the library is written in C
  }
  within = false;
  return ssize_t(size);
}

} // namespace

void log_standard_error() {
  static auto* const begun = new std::string; // it outlives everybody who writes
  auto* const stream = ::fopencookie(begun, "w", {nullptr, take, nullptr, nullptr});
  if (!stream)
    return;
  std::setvbuf(stream, nullptr, _IOLBF, BUFSIZ);
  original = std::exchange(stderr, stream); // glibc's is a variable
}

void release_standard_error() {
  if (original)
    stderr = original;
}

} // namespace hubbub
