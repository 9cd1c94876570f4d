#include "storage/later_columns.hpp"

#include "storage/catalog.hpp"
#include "storage/log.hpp"
#include "storage/presence_statements.hpp"
#include "storage/sql_text.hpp"
#include "storage/statements.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>

namespace hubbub {

namespace {

constexpr const char* later_columns[] = {"name", "person", "data"};

constexpr auto add_text_column = "alter table messages add column {column} text";

// The statement timeout ends what is no wait for a lock. Both are over before a client gives up.
constexpr auto begin = R"(begin;
set local lock_timeout = '2s';
set local statement_timeout = '4s';
set local idle_in_transaction_session_timeout = '2s')";

// A lock that is waited for would be one more transaction that the change of the table waits for.
constexpr auto try_schema_lock = "select cast(pg_try_advisory_xact_lock({key}) as integer)";

constexpr std::chrono::seconds longest_pause{30};

// SQLSTATEs.
constexpr auto lock_not_available = "55P03", insufficient_privilege = "42501";

constexpr auto table_is_held =
    "the table messages needs new columns, and a transaction of another session holds it: older "
    "hubs go on, and this hub tries again";

std::string joined(const std::vector<std::string>& columns) {
  std::string out;
  for (const auto& column : columns)
    out += (out.empty() ? "" : ", ") + column;
  return out;
}

} // namespace

std::vector<std::string> missing_columns(soci::session& sql, database_kind kind) {
  std::vector<std::string> out;
  for (const auto* column : later_columns)
    if (!has_column(sql, kind, "messages", column))
      out.emplace_back(column);
  return out;
}

void add_later_columns(soci::session& sql, database_kind kind) {
  for (const auto& column : missing_columns(sql, kind))
    sql << fill_sql(add_text_column, {{"column", column}});
}

std::string add_hub_columns(soci::session& sql) {
  constexpr auto kind = database_kind::postgresql;
  const auto has = [&](const char* column) { return has_column(sql, kind, "hubbub_hubs", column); };
  if (has("token") && has("version"))
    return {};
  try {
    statements::execute_all(sql, presence::add_hub_columns());
  } catch (const soci::postgresql_soci_error& e) {
    if (e.sqlstate() != insufficient_privilege)
      throw;
    sql << "rollback";
    if (!has("token"))
      throw;
    return "the table hubbub_hubs has no column version, and this role may not add it, so all "
           "other hubs on this database refuse messages with data";
  }
  return {};
}

void column_migration::check_pause() const {
  if (clock::now() < next_try_)
    throw log_unavailable(table_is_held);
}

void column_migration::run(soci::session& sql) {
  constexpr auto kind = database_kind::postgresql;
  const auto missing = missing_columns(sql, kind);
  if (missing.empty())
    return;
  check_pause();
  try {
    sql << begin;
    int alone = 0;
    sql << fill_sql(try_schema_lock, {{"key", std::to_string(schema_lock_key)}}), soci::into(alone);
    if (!alone)
      throw log_unavailable("another hub changes the tables of the log");
    add_later_columns(sql, kind);
    sql << "commit";
  } catch (const soci::postgresql_soci_error& e) {
    if (e.sqlstate() == insufficient_privilege)
      throw log_unavailable("the table messages needs the columns " + joined(missing) +
                            ", and this role may not add them: let its owner start a hub once");
    if (e.sqlstate() != lock_not_available)
      throw;
    next_try_ = clock::now() + pause_;
    pause_ = std::min(2 * pause_, longest_pause);
    throw log_unavailable(table_is_held);
  }
}

} // namespace hubbub
