#include "storage/database_diagnostics.hpp"

#include "storage/dry_run.hpp"
#include "storage/file_lock.hpp"
#include "storage/listen_check.hpp"
#include "storage/notices.hpp"
#include "storage/postgres_session.hpp"
#include "storage/schema.hpp"
#include "storage/soci_backends.hpp"
#include "storage/sql_error.hpp"

#include <soci/soci.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

constexpr int oldest_postgresql = 140000;
constexpr double most_skew = 2;         ///< Seconds.
constexpr int connections_of_a_hub = 8; ///< To PostgreSQL: six, and two that are being given up.
constexpr std::uintmax_t least_space = 100 << 20;

/// Removes the first line of SOCI, which says only that the connection failed.
std::string without_soci_prefix(const std::string& why) {
  const std::string empty_words = "Cannot establish connection to the database.\n";
  return first_line(why.starts_with(empty_words) ? why.substr(empty_words.size()) : why);
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

/// What a hub needs beside the table of messages, and of its sequence. Empty: nothing is missing.
std::string missing_rights(soci::session& sql) {
  std::string needs;
  for (const auto& [table, rights] : std::initializer_list<std::pair<std::string, std::string>>{
           {"hubbub_meta", "select update"},
           {"messages", "select insert"},
           {"hubbub_hubs", "select insert delete"},
           {"hubbub_presence", "select insert update delete"}})
    for (std::istringstream all(rights); all;) {
      std::string right;
      if (all >> right)
        needs += "('" + right + " on " + table + "', has_table_privilege(to_regclass('" + table +
                 "'), '" + right + "')), ";
    }
  return ask<std::string>(
      sql,
      "select coalesce(string_agg(what, ', '), '') from (values " + needs +
          "('usage on hubbub_revision', has_sequence_privilege(to_regclass('hubbub_revision'), "
          "'usage, update'))) as needs(what, has) where not has");
}

/// The default of a serial column asks the sequence with the role's own rights; an identity does
/// not.
std::string missing_sequence(soci::session& sql) {
  return ask<std::string>(
      sql,
      "select coalesce(min('usage on ' || cast(d.refobjid as regclass)), '') from pg_attrdef a "
      "join pg_depend d on d.classid = cast('pg_attrdef' as regclass) and d.objid = a.oid join "
      "pg_class c on c.oid = d.refobjid and d.refclassid = cast('pg_class' as regclass) where "
      "a.adrelid = to_regclass('messages') and "
      // PostgreSQL may ask about a table first, of which the function makes an error.
      "case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage, update') else "
      "false end");
}

finding tables(soci::session& sql, const database& where) {
  if (const auto failed = dry_run_database(sql, where))
    return {false, "tables", failed->reason, failed->remedy};
  return {true, "tables", "a message can be stored and read", {}};
}

std::vector<finding> examine_postgresql(soci::session& sql, const database& where) {
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
  const auto encoding = ask<std::string>(sql, "show server_encoding");
  out.push_back({encoding == "UTF8", "encoding",
                 encoding + (encoding == "UTF8" ? "" : " has no place for what people write"),
                 "make a database with: create database … encoding 'UTF8' template template0"});
  const bool made =
      ask<int>(sql, "select case when to_regclass('hubbub_meta') is null then 0 else 1 end");
  auto missing = made ? missing_rights(sql) : std::string();
  if (missing.empty())
    missing = missing_sequence(sql);
  if (!missing.empty()) {
    out.push_back({false, "rights", "this role lacks " + missing, "grant " + missing + " to it"});
    return out;
  }
  const bool may_make = ask<int>(
      sql, "select cast(coalesce(has_schema_privilege(current_schema(), 'create'), false) as int)");
  out.push_back(schema(sql, made, may_make));
  const bool sensible = std::all_of(out.begin(), out.end(), [](const finding& f) {
    return f.ok || (f.check != "role" && f.check != "schema" && f.check != "encoding");
  });
  if (sensible)
    out.push_back(tables(sql, where));
  return out;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

/// Returns why no file can grow in this folder, or an empty text. Tries it with an unnamed file,
/// which disappears when it is closed.
std::string write_error_in(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0)
    return errno == EOPNOTSUPP || errno == EISDIR ? "" : std::generic_category().message(errno);
  const int error = ::posix_fallocate(file, 0, 1 << 20);
  ::close(file);
  return error && error != EOPNOTSUPP && error != EINVAL ? std::generic_category().message(error)
                                                         : "";
}

finding room_on_disk(const fs::path& folder) {
  if (const auto fault = write_error_in(folder); !fault.empty())
    return {false, "space", "a file in " + folder.string() + " cannot grow: " + fault,
            "let the hub's user write there, and make room on that disk"};
  std::error_code ec;
  const auto free = fs::space(folder, ec);
  return {!ec && free.available >= least_space, "space",
          ec ? ec.message() : std::to_string(free.available >> 20) + " MiB are free",
          "make room on that disk"};
}

/// A file that was opened for reading alone would look well until the first message.
void must_be_writable(const fs::path& file) {
  const int opened = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (opened < 0)
    throw std::runtime_error("it cannot be opened for writing: " +
                             std::generic_category().message(errno));
  ::close(opened);
}

std::vector<finding> examine_sqlite(soci::session& sql, const database& where) {
  std::vector<finding> out;
  out.push_back(
      {true, "version", "SQLite " + ask<std::string>(sql, "select sqlite_version()"), {}});
  out.push_back(schema(
      sql, ask<int>(sql, "select count(*) from sqlite_master where name = 'hubbub_meta'"), true));
  out.push_back(room_on_disk(folder_of(where.file)));
  if (out[1].ok)
    out.push_back(tables(sql, where));
  return out;
}

} // namespace

std::vector<finding> diagnose_database(const database& where) {
  const bool sqlite = where.kind == database_kind::sqlite;
  std::vector<finding> out;
  try {
    if (sqlite && !fs::exists(where.file))
      return {{true, "database", where.display_name + " will be made by the first start", {}},
              room_on_disk(folder_of(where.file))};
    std::optional<file_lock> lock;
    if (sqlite) {
      must_be_writable(where.file);
      // Without a lock file no hub has used the database, and the lock would leave such a file.
      if (file_lock::exists_for(where))
        lock.emplace(where);
    }
    soci::session sql(backend_of(where.kind), where.connection_string);
    auto answers = where.display_name + " answers";
    if (sqlite) {
      out = examine_sqlite(sql, where);
    } else {
      forward_notices(postgresql(sql), where);
      out = examine_postgresql(sql, where);
      out.push_back(check_listen_address(where));
      answers += ", from " + server_of(postgresql(sql));
    }
    out.insert(out.begin(), {true, "database", answers, {}});
  } catch (const std::exception& e) {
    out.push_back(
        {false, "database", where.display_name + ": " + without_soci_prefix(e.what()),
         sqlite ? "end the process that holds it, or mend the file and its rights"
                : "check DATABASE_URL, that the server runs, and that it lets this user in"});
  }
  return out;
}

} // namespace hubbub
