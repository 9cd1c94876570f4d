#include "storage/sqlite_file.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

namespace hubbub {

namespace {

constexpr std::array<const char*, 2> companions{"-wal", "-shm"};
constexpr int checkpoint_timeout = 500; ///< Milliseconds.

} // namespace

sqlite_file::sqlite_file(std::string name)
    : name_(std::move(name)), display_name_(std::filesystem::path(name_).filename().string()) {}

std::optional<sqlite_file::identity> sqlite_file::identify(const std::string& name) {
  struct stat found {};
  if (::stat(name.c_str(), &found) != 0)
    return {};
  return identity{found.st_dev, found.st_ino};
}

void sqlite_file::check_main_file() const {
  const auto now = identify(name_);
  if (main_identity_ && now == main_identity_)
    return;
  if (now && main_identity_)
    throw log_file_lost("another file has replaced " + display_name_ +
                        ": nothing is stored until the file is back or the hub is restarted");
  if (!now)
    throw log_file_lost("the file " + display_name_ +
                        (main_identity_ ? " was deleted or moved" : " is not there") +
                        ": nothing is stored until the file is back or the hub is restarted");
}

void sqlite_file::before_opening(bool may_create) const {
  const mutex_lock lock(mutex_);
  if (main_identity_ || !may_create)
    check_main_file();
  check_companions(); // sessions with different -wal files would corrupt the database
}

void sqlite_file::session_opened() {
  const mutex_lock lock(mutex_);
  if (!main_identity_)
    main_identity_ = identify(name_);
  if (sessions_++ > 0)
    return;
  std::error_code ec;
  const auto target = std::filesystem::canonical(name_, ec);
  target_ = ec ? name_ : target.string();
  for (std::size_t i = 0; i < companions.size(); ++i)
    companion_identities_[i] = identify(target_ + companions[i]);
}

void sqlite_file::session_closed() {
  const mutex_lock lock(mutex_);
  --sessions_;
}

void sqlite_file::check() const {
  const mutex_lock lock(mutex_);
  check_main_file();
  check_companions();
}

void sqlite_file::check_companions() const {
  for (std::size_t i = 0; i < companions.size(); ++i)
    if (sessions_ > 0 && companion_identities_[i] &&
        identify(target_ + companions[i]) != companion_identities_[i])
      throw log_file_lost("the file " + display_name_ + companions[i] +
                          " was deleted or replaced: nothing is stored until the hub is restarted");
}

bool sqlite_file::checkpoint() const {
  try {
    const mutex_lock lock(mutex_);
    if (!main_identity_)
      return true; // no session has opened the file
    check_main_file();
  } catch (const log_file_lost&) {
    return true; // the file in this place is not the log's
  }
  sqlite3* raw = nullptr;
  bool done = sqlite3_open_v2(name_.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK;
  if (done) {
    sqlite3_busy_timeout(raw, checkpoint_timeout);
    int left = 0, moved = 0;
    done = sqlite3_exec(raw, "pragma synchronous = full", nullptr, nullptr, nullptr) == SQLITE_OK &&
           sqlite3_wal_checkpoint_v2(raw, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &left, &moved) ==
               SQLITE_OK;
  }
  sqlite3_close(raw);
  return done;
}

std::shared_ptr<sqlite_file> make_sqlite_file(const database& where) {
  return where.kind == database_kind::sqlite ? std::make_shared<sqlite_file>(where.file) : nullptr;
}

} // namespace hubbub
