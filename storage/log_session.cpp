#include "storage/log_session.hpp"

#include "storage/ascii_lowercase.hpp"
#include "storage/room_name_migration.hpp"
#include "storage/schema.hpp"
#include "storage/sql_error.hpp"

namespace hubbub {

log_session::log_session(const database& where, std::shared_ptr<sqlite_file> file,
                         server_observer observer)
    : kind_(where.kind), dialect_(dialect_of(where.kind)),
      connection_(where, std::move(file), dialect_.session_setup, std::move(observer)) {}

statements& log_session::prepared() {
  auto& session = open();
  if (!table_known_) {
    if (const auto now = inspect_table(session); now != table_) {
      statements_.reset();
      table_ = now;
    }
    table_known_ = true;
  }
  if (!statements_)
    statements_.emplace(session, dialect_, table_, !connection_.is_pooled());
  return *statements_;
}

log_table log_session::inspect_table(soci::session& session) {
  log_table now;
  try {
    now = statements::inspect_table(session, dialect_);
  } catch (const soci::soci_error& e) {
    if (identity_.empty() || !classify_error(e).table_missing)
      throw;
  }
  if (!identity_.empty() && to_ascii_lowercase(now.log) != identity_)
    throw log_replaced(now.log.empty() ? "the tables of the log no longer exist"
                                       : "another log has replaced log " + identity_);
  return now;
}

opened_log log_session::open_log() {
  // An operator may have written the identity of a restored log, in capitals.
  identity_ = to_ascii_lowercase(prepare_schema(open(true), kind_));
  table_known_ = false;
  normalize_room_names(open());
  long long newest = 0;
  open() << select_newest_id, soci::into(newest);
  return {identity_, newest, {}};
}

void log_session::clean_up() {
  if (connection_.rollback())
    statements_.reset();
  else
    close();
}

void log_session::close() {
  table_known_ = false;
  statements_.reset();
  connection_.close();
}

} // namespace hubbub
