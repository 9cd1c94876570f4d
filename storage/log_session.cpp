#include "storage/log_session.hpp"

#include "storage/ascii_lowercase.hpp"
#include "storage/room_name_migration.hpp"
#include "storage/schema.hpp"
#include "storage/sql_error.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>

namespace hubbub {

namespace {

server_timeline ask_server(soci::session& session, const dialect& texts) {
  server_timeline out;
  session << texts.ask_server, soci::into(out.system), soci::into(out.timeline);
  return out;
}

/// Returns whether this session may ask the server for its timeline. Must be called outside a
/// transaction, because an error would abort it.
bool server_tells_timeline(soci::session& session, const dialect& texts) {
  if (texts.ask_server.empty())
    return false;
  try {
    return ask_server(session, texts).known();
  } catch (const soci::postgresql_soci_error& e) {
    // A missing right, a missing function, a function that the service does not support, or a
    // standby.
    for (const auto* const hidden : {"42", "0A", "55"})
      if (e.sqlstate().starts_with(hidden))
        return false;
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
  const bool is_new = !connection_.is_open();
  auto& session = connection_.open(may_create);
  if (is_new) {
    generation_ = lineage_->generation();
    tells_timeline_ = server_tells_timeline(session, dialect_);
  }
  return session;
}

statements& log_session::prepared() {
  auto& session = open();
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
  try {
    now = statements::inspect(session, dialect_, tells_timeline_);
  } catch (const soci::soci_error& e) {
    if (identity_.empty() || !classify_error(e).table_missing)
      throw;
  }
  if (!identity_.empty() && to_ascii_lowercase(now.table.log) != identity_)
    throw log_replaced(now.table.log.empty() ? "the tables of the log no longer exist"
                                             : "another log has replaced log " + identity_);
  check_branch(now);
  return now.table;
}

/// Throws log_forked if the log is not as the last `open_log` of this hub has left it.
void log_session::check_branch(const inspected_log& now) {
  refuse_old_primary(now.server);
  const auto before = lineage_->state();
  if (before.identity.empty() || before.identity != to_ascii_lowercase(now.table.log))
    return;
  if (now.server.known() && now.server != before.server)
    throw log_forked("the server of the log has another timeline");
  if (now.table.forks != before.fork_record)
    throw log_forked("the log has a new fork");
  if (now.newest < before.newest.id)
    throw log_forked("the log has lost rows that were stored");
}

void log_session::refuse_old_primary(const server_timeline& server) {
  if (!lineage_->is_old_primary(server))
    return;
  connection_.try_other_servers_first();
  throw log_unavailable("the server has the timeline " + server.timeline +
                        ", and another server was promoted since: it is an old primary");
}

opened_log log_session::open_log() {
  // An operator may have written the identity of a restored log, in capitals.
  identity_ = to_ascii_lowercase(prepare_schema(open(true), kind_));
  normalize_room_names(open());
  return settle(fork_cause::loss);
}

opened_log log_session::make_fork() {
  if (!has_log(open(), kind_))
    throw log_not_created("the database has no log, and the first hub will begin one");
  identity_ = to_ascii_lowercase(prepare_schema(open(), kind_));
  return settle(fork_cause::restored);
}

/// Compares the log with what this hub has seen of it, in a transaction of its own.
opened_log log_session::settle(fork_cause cause) {
  auto& session = open();
  statements::execute_all(session, connection_.is_pooled() ? dialect_.pooled_begin_append
                                                           : dialect_.begin_append);
  const auto server = tells_timeline_ ? ask_server(session, dialect_) : server_timeline{};
  refuse_old_primary(server);
  auto now = settle_forks(session, kind_, server, lineage_->state(), cause);
  session << "commit";
  identity_ = now.state.identity;
  table_known_ = false;
  opened_log out{identity_, 0, now.state.forks, std::move(now.notice)};
  out.newest = std::max(now.state.newest.id, out.forks.empty() ? 0 : out.forks.back().first - 1);
  lineage_->settle(std::move(now.state), this);
  generation_ = lineage_->generation();
  return out;
}

void log_session::saw(const std::vector<message>& rows) {
  if (rows.empty())
    return;
  const auto& newest = rows.back();
  lineage_->saw(generation_, {newest.id, newest.connection_id, newest.user_message_number});
}

void log_session::saw(std::span<const receipt> receipts) {
  seen_row newest;
  for (const auto& r : receipts)
    if (!r.found && r.id > newest.id)
      newest = {r.id, r.author_id, r.number};
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
