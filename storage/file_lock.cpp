#include "storage/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace hubbub {

namespace {

/// The name of the lock file, which is the same for every path to the database.
std::string lock_file_name(const database& on) {
  return std::filesystem::weakly_canonical(on.file).string() + ".lock";
}

} // namespace

bool file_lock::exists_for(const database& on) {
  return std::filesystem::exists(lock_file_name(on));
}

file_lock::file_lock(const database& on) {
  if (on.kind != database_kind::sqlite)
    return;
  const auto name = lock_file_name(on);
  file_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0)
    throw std::runtime_error("cannot open " + name + ": " + std::generic_category().message(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0)
    return;
  const int why = errno;
  ::close(file_);
  throw std::runtime_error(
      why == EWOULDBLOCK
          ? "another hubbub runs on " + on.display_name + "; several hubs need PostgreSQL"
          : "cannot lock " + name + ": " + std::generic_category().message(why));
}

file_lock::~file_lock() {
  if (file_ >= 0)
    ::close(file_);
}

} // namespace hubbub
