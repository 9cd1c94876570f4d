#include "storage/claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace hubbub {

namespace {

/// By whatever name the database is given, its lock has one.
std::string lock_of(const database& on) {
  return std::filesystem::weakly_canonical(on.file).string() + ".lock";
}

} // namespace

bool claim::was_made(const database& on) {
  return std::filesystem::exists(lock_of(on));
}

claim::claim(const database& on) {
  if (on.kind != database_kind::sqlite)
    return;
  const auto name = lock_of(on);
  file_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0)
    throw std::runtime_error("cannot open " + name + ": " + std::generic_category().message(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0)
    return;
  const int why = errno;
  ::close(file_);
  throw std::runtime_error(
      why == EWOULDBLOCK
          ? "another hubbub runs on " + on.shown + "; only PostgreSQL serves more than one"
          : "cannot lock " + name + ": " + std::generic_category().message(why));
}

claim::~claim() {
  if (file_ >= 0)
    ::close(file_);
}

} // namespace hubbub
