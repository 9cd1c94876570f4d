#include "storage/log_session.hpp"

#include "storage/ascii_lowercase.hpp"
#include "storage/fork_record.hpp"
#include "storage/older_hubs.hpp"
#include "storage/room_name_migration.hpp"
#include "storage/schema.hpp"
#include "storage/sql_error.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>

namespace hubbub {

namespace {

/// SQLSTATE, object_not_in_prerequisite_state.
constexpr auto not_on_a_standby = "55000";

server_timeline ask_server(soci::session& session, const dialect& texts) {
  server_timeline out;
  session << texts.ask_server, soci::into(out.system), soci::into(out.timeline);
  return out;
}

/// Returns the server's timeline, or an unknown one if the server hides it. Must be called outside
/// a transaction, because an error would abort it. Throws log_unavailable on a standby, where no
/// timeline is current.
server_timeline try_to_ask_server(soci::session& session, const dialect& texts) {
  if (texts.ask_server.empty())
    return {};
  try {
    return ask_server(session, texts);
  } catch (const soci::postgresql_soci_error& e) {
    const auto state = e.sqlstate();
    if (state == not_on_a_standby)
      throw log_unavailable("the server is a standby, or still recovers");
    // A missing right, a missing function, or one that the service does not support.
    if (state.starts_with("42") || state.starts_with("0A"))
      return {};
    throw;
  }
}

} // namespace

log_session::log_session(const database& where, std::shared_ptr<sqlite_file> file,
                         server_observer observer, std::shared_ptr<log_lineage> lineage)
    : kind_(where.kind), dialect_(dialect_of(where.kind)), lineage_(std::move(lineage)),
      connection_(where, std::move(file), dialect_.session_setup, std::move(observer)) {
  lineage_->add(this, [this] { connection_.interrupt(); });
}

log_session::~log_session() {
  lineage_->remove(this);
}

soci::session& log_session::open(bool may_create) {
  if (!is_current() && connection_.is_open())
    close();
  return connect(may_create);
}

/// Returns the session, and connects first if there is none. Does not ask whether the session is
/// current, because a call may have begun a transaction.
soci::session& log_session::connect(bool may_create) {
  if (connection_.is_open())
    return connection_.open();
  generation_ = lineage_->generation();
  auto& session = connection_.open(may_create);
  const auto server = try_to_ask_server(session, dialect_);
  tells_timeline_ = server.known();
  refuse_old_primary(server);
  return session;
}

statements& log_session::prepared() {
  auto& session = connect();
  if (!table_known_) {
    if (const auto now = inspect(session); now != table_) {
      statements_.reset();
      table_ = now;
    }
    table_known_ = true;
  }
  if (!statements_)
    statements_.emplace(session, dialect_, table_, !connection_.is_pooled());
  return *statements_;
}

log_table log_session::inspect(soci::session& session) {
  inspected_log now;
  const auto before = lineage_->state(); // before the rows are looked at, which other sessions add
  try {
    now = statements::inspect(session, dialect_, before.newest, tells_timeline_);
  } catch (const soci::postgresql_soci_error& e) {
    if (e.sqlstate() == not_on_a_standby)
      throw log_unavailable("the server is a standby, or still recovers");
    check_missing(e);
  } catch (const soci::soci_error& e) {
    check_missing(e);
  }
  if (!identity_.empty() && to_ascii_lowercase(now.table.log) != identity_)
    throw log_replaced(now.table.log.empty() ? "the tables of the log no longer exist"
                                             : "another log has replaced log " + identity_);
  refuse_old_primary(now.server);
  check_branch(now, before);
  return now.table;
}

/// Throws the error again, unless it says that the log that was opened is gone.
void log_session::check_missing(const soci::soci_error& e) const {
  if (identity_.empty() || !classify_error(e).table_missing)
    throw;
}

/// Throws log_forked if the log is not as the last `open_log` of this hub has left it.
void log_session::check_branch(const inspected_log& now, const log_state& before) const {
  if (before.identity.empty()) {
    if (now.damaged)
      throw log_unavailable("the record of the log's forks is damaged");
    return;
  }
  if (to_ascii_lowercase(now.table.log) != before.identity)
    throw log_replaced("another log has replaced log " + before.identity);
  if (now.server.known() && now.server != before.server)
    throw log_forked("the server of the log has another timeline");
  if (now.table.forks != before.fork_record)
    throw log_forked("the record of the log's forks has changed");
  if (!now.has_seen_row)
    throw log_forked("the log has lost rows that were stored");
}

/// Records the server as seen.
void log_session::refuse_old_primary(const server_timeline& server) {
  if (!lineage_->is_old_primary(server, this)) {
    generation_ = lineage_->generation();
    return;
  }
  connection_.try_other_servers_first();
  throw old_primary_error(server);
}

/// Creates or migrates the tables. Returns a sentence for the operator, or an empty text.
std::string log_session::prepare(soci::session& session) {
  auto found = prepare_schema(session, kind_, migration_);
  // An operator may have written the identity of a restored log, in capitals.
  identity_ = to_ascii_lowercase(found.log);
  return found.notice;
}

opened_log log_session::open_log() {
  migration_.check_pause();
  const auto notice = prepare(open(true));
  normalize_room_names(connect());
  auto out = check(fork_cause::loss);
  if (out.notice.empty())
    out.notice = notice;
  // The connection to the peers asks too, but the answer must be known before the first message is
  // stored, and also where that connection cannot be made.
  out.older_hub_lives = kind_ == database_kind::postgresql && older_hub_lives(connect());
  return out;
}

opened_log log_session::make_fork() {
  if (!has_log(open(), kind_))
    throw log_not_created("the database has no log, and the first hub will begin one");
  prepare(connect());
  return check(fork_cause::restored);
}

/// Compares the log with what this hub has seen of it, in a transaction of its own.
opened_log log_session::check(fork_cause cause) {
  auto& session = connect();
  statements::execute_all(session, connection_.is_pooled() ? dialect_.pooled_begin_append
                                                           : dialect_.begin_append);
  const auto server = tells_timeline_ ? ask_server(session, dialect_) : server_timeline{};
  refuse_old_primary(server);
  auto now = check_forks(session, kind_, server, lineage_->state(), cause);
  session << "commit";
  identity_ = now.state.identity;
  table_known_ = false;
  opened_log out{identity_, now.state.newest.id, now.state.forks, std::move(now.notice)};
  generation_ = lineage_->update(std::move(now.state), this);
  out.newest = std::max(out.newest, lineage_->skipped());
  return out;
}

void log_session::saw(const seen_row& newest) {
  if (newest.id - std::max(lineage_->newest_seen().id, lineage_->skipped()) >= fork_distance) {
    table_known_ = false;
    prepared();
  }
  lineage_->saw(generation_, newest);
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
