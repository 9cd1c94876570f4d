#include "storage/dry_run.hpp"

#include "storage/instant.hpp"
#include "storage/log.hpp"
#include "storage/schema.hpp"
#include "storage/sql_error.hpp"
#include "storage/statements.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <chrono>
#include <string_view>

namespace hubbub {

namespace {

/// Of PostgreSQL: the sequence keeps what it has given, even when the rest is taken back. So the
/// row has an id that no log comes to.
constexpr auto far_id = "9007199254740991";

/// Nothing waits for long where somebody else holds a lock.
constexpr auto begin_postgresql =
    "begin; set local lock_timeout = '2s'; set local statement_timeout = '5s'";

/// SQLite's words come with the statement and its values.
std::string words_of(const std::string& text) {
  const auto line = first_line(text);
  return line.substr(0, line.find(" while "));
}

dry_run_failure failure_of(const std::exception& e) {
  const auto why = words_of(e.what());
  const auto* const pg = dynamic_cast<const soci::postgresql_soci_error*>(&e);
  const auto state = pg ? pg->sqlstate() : std::string();
  if (state == "42501")
    return {why, "grant the role what that names; the first start also wants to make tables, or to "
                 "own the table messages; row security must let the role store and read"};
  if (state == "25006")
    return {why, "unset default_transaction_read_only for the role and the database"};
  if (state == "55P03" || state == "57014")
    return {why, "somebody holds a lock on the tables: see pg_stat_activity, and try again"};
  if (!pg && why.find("readonly") != why.npos)
    return {why, "let the hub's user write the file, its -wal and -shm, and the folder"};
  if (!pg && why.find("locked") != why.npos)
    return {why, "end the process that holds the file"};
  return {why,
          "if the table messages is another application's, give the hub a database of its own; "
          "else mend what that names"};
}

std::string rows_of(const message& m) {
  return R"([{"o":0,"r":")" + m.room + R"(","t":")" + m.text + R"(","c":")" +
         to_string(m.connection_id) + R"(","n":1,"k":")" + m.key + R"(","a":")" + m.name + R"("}])";
}

/// → how many rows there were.
std::size_t store(soci::session& sql, statements& run, const log_table& table, database_kind kind,
                  const message& m, const std::string& now) {
  const auto insert = [&](const std::string& rows, std::size_t count) {
    return table.interferes ? run.insert_verified(rows, count, now).size()
                            : run.insert(rows, count, now).size();
  };
  if (kind == database_kind::sqlite)
    return insert(rows_of(m), 1);
  insert("[]", 0); // as it is, for the rights that it takes
  const auto connection = to_string(m.connection_id);
  long long id = 0;
  sql << std::string("insert into messages (id, room, text, connection_id, user_message_number, "
                     "key, name, created_at) overriding system value values (") +
             far_id +
             ", :room, :text, cast(:connection as uuid), 1, :key, :name, "
             "cast(:now as timestamp) at time zone 'UTC') returning id",
      soci::use(m.room), soci::use(m.text), soci::use(connection), soci::use(m.key),
      soci::use(m.name), soci::use(now), soci::into(id);
  return sql.got_data() ? 1 : 0;
}

std::optional<dry_run_failure> store_and_read(soci::session& sql, database_kind kind) {
  const auto& say = kind == database_kind::sqlite ? sqlite_dialect : postgresql_dialect;
  statements::execute_all(sql, say.probe);
  const auto table = statements::inspect_table(sql, say);
  statements run(sql, say, table, false);
  const auto mine = boost::uuids::random_generator()();
  const message m{0, "hubbub-doctor", "Grüße, 世界 💡", mine, 1, {}, to_string(mine), "Doctor"};
  const auto now = to_sql(system_time());
  if (store(sql, run, table, kind, m, now) != 1)
    return dry_run_failure{"the table messages took a row and did not store it",
                           "look at its triggers and rules, which are not hubbub's"};
  const auto found = run.with_keys(rows_of(m), 1);
  const bool whole = found.size() == 1 && found.front().connection_id == mine &&
                     (table.interferes || // triggers may change it, and hubs show what they make
                      (found.front().text == m.text && found.front().room == m.room));
  if (!whole)
    return dry_run_failure{"the table messages does not give back what was stored",
                           "look at its triggers, rules and row security, which are not hubbub's"};
  run.with_numbers(rows_of(m), 1);
  run.after(0, no_end, 1);
  run.after(m.room, 0, 1);
  run.before(m.room, no_end, 1);
  run.newest(R"(["hubbub-doctor"])", 1, no_end, 1);
  return {};
}

} // namespace

std::optional<dry_run_failure> dry_run_database(soci::session& sql, const database& where) {
  const bool sqlite = where.kind == database_kind::sqlite;
  std::optional<dry_run_failure> out;
  try {
    statements::execute_all(sql, sqlite ? "pragma busy_timeout = 1000; begin immediate"
                                        : begin_postgresql);
    if (!schema_is_current(sql, where.kind))
      create_schema(sql, where.kind);
    out = store_and_read(sql, where.kind);
  } catch (const std::exception& e) {
    out = failure_of(e);
  }
  try {
    sql << "rollback";
  } catch (const std::exception&) {
    // There was no transaction, or it ends with the session.
  }
  return out;
}

} // namespace hubbub
