#include "storage/checkup.hpp"

#include "storage/claim.hpp"
#include "storage/log.hpp"
#include "storage/postgres_line.hpp"
#include "storage/postgres_session.hpp"
#include "storage/schema.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <sys/statvfs.h>

#include <chrono>
#include <cmath>
#include <filesystem>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

constexpr int oldest_postgresql = 140000;
constexpr double most_skew = 2;         ///< Seconds.
constexpr int connections_of_a_hub = 8; ///< To PostgreSQL: six, and two that are being given up.
constexpr std::uintmax_t least_space = 100 << 20;

/// SOCI's first line only says that it did not work.
std::string gist(const std::string& why) {
  const std::string empty_words = "Cannot establish connection to the database.\n";
  const auto from = why.starts_with(empty_words) ? empty_words.size() : 0;
  return why.substr(from, why.find('\n', from) - from);
}

template<class T>
T ask(soci::session& sql, const std::string& question) {
  T answer{};
  sql << question, soci::into(answer);
  return answer;
}

finding schema(soci::session& sql, bool exists, bool may_make) {
  if (exists) {
    const auto version =
        ask<std::string>(sql, "select value from hubbub_meta where name = 'schema'");
    if (std::stoi(version) > schema_version)
      return {false, "schema", "version " + version + " is a newer hubbub's",
              "run that one, or restore a backup from before it"};
    return {true, "schema", "version " + version, {}};
  }
  if (may_make)
    return {true, "schema", "will be made by the first start", {}};
  return {false, "schema", "is not there, and this role may not make it",
          "grant create on the schema for the first start, or own the table messages"};
}

std::vector<finding> examine_postgresql(soci::session& sql) {
  std::vector<finding> out;
  const auto version = ask<int>(sql, "select cast(current_setting('server_version_num') as int)");
  out.push_back({version >= oldest_postgresql, "version",
                 "PostgreSQL " + ask<std::string>(sql, "show server_version"),
                 "hubbub is tested from PostgreSQL 14 on: upgrade the server"});
  out.push_back(ask<int>(sql, "select cast(pg_is_in_recovery() as int)")
                    ? finding{false, "role", "the server is a standby, which takes no messages",
                              "point DATABASE_URL at the primary"}
                    : finding{true, "role", "the server is a primary", {}});
  const bool fsync = ask<std::string>(sql, "show fsync") == "on";
  out.push_back({fsync, "fsync", fsync ? "on" : "off: a power cut loses what people have seen",
                 "set fsync = on in postgresql.conf"});
  const auto sync = ask<std::string>(sql, "show synchronous_commit");
  out.push_back({sync != "off", "commit", "synchronous_commit is " + sync,
                 "set it to on: a crash would lose what people have seen"});
  const auto theirs =
      ask<double>(sql, "select cast(extract(epoch from clock_timestamp()) as double precision)");
  const std::chrono::duration<double> ours = std::chrono::system_clock::now().time_since_epoch();
  const auto skew = std::abs(theirs - ours.count());
  out.push_back(
      {skew < most_skew, "clock",
       "differs from the database's by " + std::to_string(std::lround(skew * 1000)) + " ms",
       "run NTP on both: messages bear the hub's time"});
  const auto spare = ask<int>(sql, "select cast(current_setting('max_connections') as int) - "
                                   "(select cast(count(*) as int) from pg_stat_activity)");
  out.push_back({spare >= connections_of_a_hub, "room",
                 std::to_string(spare) + " connections are free, a hub takes " +
                     std::to_string(connections_of_a_hub),
                 "raise max_connections"});
  const bool made =
      ask<int>(sql, "select case when to_regclass('hubbub_meta') is null then 0 else 1 end");
  if (made && !ask<int>(sql, "select cast(has_table_privilege('hubbub_meta', 'select') and "
                             "has_table_privilege('messages', 'select') and "
                             "has_table_privilege('messages', 'insert') as int)")) {
    out.push_back({false, "rights", "this role may not read and add messages",
                   "grant select on hubbub_meta, and select, insert on messages, to it"});
    return out;
  }
  const bool may_make = ask<int>(
      sql, "select cast(coalesce(has_schema_privilege(current_schema(), 'create'), false) as int)");
  out.push_back(schema(sql, made, may_make));
  return out;
}

/// What is true of one database of one server alone, until that starts anew.
std::string identity(postgres_line& line) {
  return PQgetvalue(line.ask("select concat(oid, ' ', pg_postmaster_start_time()) from pg_database "
                             "where datname = current_database()")
                        .get(),
                    0, 0);
}

/// Whether hubs hear each other there.
finding listens(const database& where) {
  const signal_flag never;
  const std::string name = where.listen.empty() ? "DATABASE_URL" : "LISTEN_DATABASE_URL",
                    todo = "set LISTEN_DATABASE_URL to an address of PostgreSQL itself, of the "
                           "same database";
  const auto& address = where.listen.empty() ? where.connect : where.listen;
  try {
    postgres_line one(address + "application_name='hubbub doctor'", never),
        other(address + "application_name='hubbub doctor'", never);
    if (share_backends(one, other))
      return {false, "listen",
              name + " leads through a pooler in transaction mode, where nobody can LISTEN", todo};
    if (!where.listen.empty()) {
      postgres_line pooled(where.connect + "application_name='hubbub doctor'", never);
      if (identity(one) != identity(pooled))
        return {false, "listen", name + " leads to another database than DATABASE_URL", todo};
    }
  } catch (const log_unavailable& e) {
    return {false, "listen", name + ": " + e.what(), todo};
  }
  return {true, "listen", "hubs hear each other through " + name, {}};
}

std::vector<finding> examine_sqlite(soci::session& sql, const fs::path& file) {
  std::vector<finding> out;
  out.push_back(
      {true, "version", "SQLite " + ask<std::string>(sql, "select sqlite_version()"), {}});
  out.push_back(schema(
      sql, ask<int>(sql, "select count(*) from sqlite_master where name = 'hubbub_meta'"), true));
  std::error_code ec;
  const auto space = fs::space(file.has_parent_path() ? file.parent_path() : ".", ec);
  out.push_back({!ec && space.available >= least_space, "space",
                 ec ? ec.message() : std::to_string(space.available >> 20) + " MiB are free",
                 "make room on that disk"});
  return out;
}

} // namespace

std::vector<finding> examine(const database& where) {
  const bool sqlite = where.kind == database_kind::sqlite;
  std::vector<finding> out;
  try {
    if (sqlite && !fs::exists(where.file))
      return {{true, "database", where.shown + " will be made by the first start", {}}};
    const claim alone(where);
    soci::session sql(sqlite ? static_cast<const soci::backend_factory&>(*soci::factory_sqlite3())
                             : *soci::factory_postgresql(),
                      where.connect);
    out = sqlite ? examine_sqlite(sql, where.file) : examine_postgresql(sql);
    std::string answers = where.shown + " answers";
    if (!sqlite) {
      out.push_back(listens(where));
      answers +=
          ", from " +
          server_of(static_cast<soci::postgresql_session_backend*>(sql.get_backend())->conn_);
    }
    out.insert(out.begin(), {true, "database", answers, {}});
  } catch (const std::exception& e) {
    out.push_back(
        {false, "database", where.shown + ": " + gist(e.what()),
         sqlite ? "end the process that holds it, or mend the file and its rights"
                : "check DATABASE_URL, that the server runs, and that it lets this user in"});
  }
  return out;
}

} // namespace hubbub
