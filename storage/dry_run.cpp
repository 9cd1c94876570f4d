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
#include <vector>

namespace hubbub {

namespace {

// PostgreSQL does not roll back a sequence, so the row does not take its id from the sequence. No
// log reaches this id.
constexpr auto insert_with_id = R"(
insert into messages (id, room, text, connection_id, user_message_number, key, name, person,
  data, created_at)
overriding system value
values (9007199254740991, :room, :text, cast(:connection as uuid), 1, :key, :name, :person, :data,
  cast(:now as timestamp) at time zone 'UTC')
returning id)";

/// Returns the statements that begin the transaction, which waits only shortly for a lock of
/// another session. It may change the table, so it takes the append lock before that of the table,
/// as a hub does.
std::vector<std::string> begin(database_kind kind) {
  if (kind == database_kind::sqlite)
    return {"pragma busy_timeout = 1000", "begin immediate"};
  return {"begin", "set local lock_timeout = '2s'", "set local statement_timeout = '5s'",
          dialect_of(kind).begin_append.back()};
}

/// Returns the reason alone: SQLite's report also has the statement and its values.
std::string reason_of(const std::string& text) {
  const auto line = first_line(text);
  return line.substr(0, line.find(" while "));
}

dry_run_failure failure_of(const std::exception& e) {
  const auto why = reason_of(e.what());
  const auto* const pg = dynamic_cast<const soci::postgresql_soci_error*>(&e);
  const auto state = pg ? pg->sqlstate() : std::string();
  if (state == "42501")
    return {why,
            "grant the role the right that the reason names; the first start also needs to create "
            "tables, or to own the table messages; row security must let the role store and read"};
  if (state == "25006")
    return {why, "unset default_transaction_read_only for the role and the database"};
  if (state == "55P03" || state == "57014")
    return {why, "another session holds a lock on the tables: see pg_stat_activity, and try again"};
  if (!pg && why.find("readonly") != why.npos)
    return {why, "let the hub's user write the file, its -wal and -shm, and the folder"};
  if (!pg && why.find("locked") != why.npos)
    return {why, "end the process that has locked the file"};
  return {why,
          "if the table messages is another application's, give the hub a database of its own; "
          "else repair what the reason names"};
}

std::string rows_of(const message& m) {
  return R"([{"o":0,"r":")" + m.room + R"(","t":")" + m.text + R"(","c":")" +
         to_string(m.connection_id) + R"(","n":1,"k":")" + m.key + R"(","a":")" + m.by.name +
         R"(","p":")" + m.by.person + R"(","d":")" + m.data + R"("}])";
}

/// Stores the message and returns the number of stored rows.
std::size_t store(soci::session& sql, statements& run, const log_table& table, database_kind kind,
                  const message& m, const std::string& now) {
  const auto insert = [&](const std::string& rows, std::size_t count) {
    return table.interferes ? run.insert_verified(rows, count, now).size()
                            : run.insert(rows, count, now, {}).size();
  };
  if (kind == database_kind::sqlite)
    return insert(rows_of(m), 1);
  insert("[]", 0); // checks the rights that the hub's own statement needs
  const auto connection = to_string(m.connection_id);
  long long id = 0;
  sql << insert_with_id, soci::use(m.room), soci::use(m.text), soci::use(connection),
      soci::use(m.key), soci::use(m.by.name), soci::use(m.by.person), soci::use(m.data),
      soci::use(now), soci::into(id);
  return sql.got_data() ? 1 : 0;
}

std::optional<dry_run_failure> store_and_read(soci::session& sql, database_kind kind) {
  const auto& texts = dialect_of(kind);
  statements::execute_all(sql, texts.probe);
  const auto found = statements::inspect(sql, texts, {}, false);
  if (found.damaged)
    return dry_run_failure{"the record of the log's forks in hubbub_meta is damaged",
                           "start the hub: it gives the log another UUID, and every client starts "
                           "again with the history"};
  const auto& table = found.table;
  statements run(sql, texts, table, false);
  const auto mine = boost::uuids::random_generator()();
  const message m{0,  "hubbub-doctor", "Grüße, 世界 💡",           mine,      1,
                  {}, to_string(mine), {"Doctor", "anon-doctor"}, "[1,null]"};
  const auto now = to_sql(system_time());
  if (store(sql, run, table, kind, m, now) != 1)
    return dry_run_failure{"the table messages has accepted a row and has not stored it",
                           "look at its triggers and rules, which are not part of hubbub"};
  const auto stored = run.with_keys(rows_of(m), 1);
  const bool whole =
      stored.size() == 1 && stored.front().connection_id == mine &&
      (table.interferes || // triggers may change the row, and hubs show the changed row
       (stored.front().text == m.text && stored.front().room == m.room &&
        stored.front().by == m.by && stored.front().data == m.data));
  if (!whole)
    return dry_run_failure{
        "the table messages does not return the row that was stored",
        "look at its triggers, rules and row security, which are not part of hubbub"};
  run.with_numbers(rows_of(m), 1);
  run.after(0, no_end, 1);
  run.after(m.room, 0, 1);
  run.before(m.room, no_end, 1);
  run.newest({m.room}, no_end, 1, 1);
  return {};
}

} // namespace

std::optional<dry_run_failure> dry_run_database(soci::session& sql, const database& where) {
  std::optional<dry_run_failure> out;
  try {
    statements::execute_all(sql, begin(where.kind));
    if (!schema_is_current(sql, where.kind))
      create_schema(sql, where.kind);
    out = store_and_read(sql, where.kind);
  } catch (const std::exception& e) {
    out = failure_of(e);
  }
  try {
    sql << "rollback";
  } catch (const std::exception&) {
    // There is no transaction, or it ends with the session.
  }
  return out;
}

} // namespace hubbub
