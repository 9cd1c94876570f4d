#include "storage/database_diagnostics.hpp"

#include "storage/dry_run.hpp"
#include "storage/file_lock.hpp"
#include "storage/listen_check.hpp"
#include "storage/notices.hpp"
#include "storage/older_hubs.hpp"
#include "storage/outbox_diagnostics.hpp"
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
#include <system_error>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

constexpr int oldest_postgresql = 140000;
constexpr double max_clock_skew = 2; ///< Seconds.
/// The PostgreSQL sessions of a hub: seven, two for searches, and two that are being replaced.
constexpr int connections_per_hub = 11;
constexpr std::uintmax_t min_free_space = 100 << 20; ///< Bytes.

constexpr auto select_schema_version = "select value from hubbub_meta where name = 'schema'";

constexpr auto select_missing_rights = R"(
select coalesce(string_agg(privilege || ' on ' || name, ', '), '')
from (
  select name, privilege, has_table_privilege(to_regclass(name), privilege) as granted
  from (values
    ('hubbub_meta', 'select'), ('hubbub_meta', 'update'),
    ('messages', 'select'), ('messages', 'insert'),
    ('hubbub_hubs', 'select'), ('hubbub_hubs', 'insert'), ('hubbub_hubs', 'delete'),
    ('hubbub_presence', 'select'), ('hubbub_presence', 'insert'),
    ('hubbub_presence', 'update'), ('hubbub_presence', 'delete')
  ) as needed(name, privilege)
  union all
  select 'hubbub_revision', 'usage',
    has_sequence_privilege(to_regclass('hubbub_revision'), 'usage, update')
) as rights
where not granted)";

// The `case` keeps PostgreSQL from asking about a table, for which the function throws an error.
constexpr auto select_missing_sequence_right = R"(
select coalesce(min('usage on ' || cast(d.refobjid as regclass)), '')
from pg_attrdef a
join pg_depend d on d.classid = cast('pg_attrdef' as regclass) and d.objid = a.oid
join pg_class c on c.oid = d.refobjid and d.refclassid = cast('pg_class' as regclass)
where a.adrelid = to_regclass('messages')
  and case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage, update')
      else false end)";

constexpr auto select_missing_fork_rights = R"(
select coalesce(string_agg(missing, '; '), '')
from (
  select coalesce('select, update on sequence ' || s.name,
    'a sequence that the column id of messages owns') as missing
  from (select pg_get_serial_sequence(cast(cast(oid as regclass) as text), 'id') as name
        from pg_class where oid = to_regclass('messages')) as s
  where s.name is null or not (has_sequence_privilege(s.name, 'select')
                               and has_sequence_privilege(s.name, 'update'))
  union all
  select 'insert on hubbub_meta'
  where not has_table_privilege('hubbub_meta', 'insert')
    and (select count(*) from hubbub_meta where name in ('forks', 'timeline')) < 2
) as rights)";

constexpr auto select_version = "select cast(current_setting('server_version_num') as int)";
constexpr auto select_is_standby = "select cast(pg_is_in_recovery() as int)";

constexpr auto select_time =
    "select cast(extract(epoch from clock_timestamp()) as double precision)";

constexpr auto select_free_connections = R"(
select cast(current_setting('max_connections') as int)
  - (select cast(count(*) as int) from pg_stat_activity))";

constexpr auto select_has_schema = R"(
select case when to_regclass('hubbub_meta') is null then 0 else 1 end)";

constexpr auto select_may_create = R"(
select cast(coalesce(has_schema_privilege(current_schema(), 'create'), false) as int))";

constexpr auto select_has_schema_sqlite =
    "select count(*) from sqlite_master where name = 'hubbub_meta'";

/// Removes SOCI's own first line, which says only that the connection failed.
std::string without_soci_prefix(const std::string& why) {
  const std::string prefix = "Cannot establish connection to the database.\n";
  return first_line(why.starts_with(prefix) ? why.substr(prefix.size()) : why);
}

/// Runs a statement with one value and returns the value.
template<class T>
T ask(soci::session& sql, const std::string& question) {
  T answer{};
  sql << question, soci::into(answer);
  return answer;
}

finding schema(soci::session& sql, bool exists, bool may_create) {
  if (exists) {
    const auto version = ask<std::string>(sql, select_schema_version);
    if (std::stoi(version) > schema_version)
      return {false, "schema", "version " + version + " was made by a newer hubbub",
              "run that version, or restore a backup from before it"};
    return {true, "schema", "version " + version, {}};
  }
  if (may_create)
    return {true, "schema", "the first start will create it", {}};
  return {false, "schema", "does not exist, and this role may not create it",
          "grant create on the schema for the first start, or own the table messages"};
}

/// Returns the rights that the role lacks on the tables other than the sequence of `messages`, or
/// an empty text.
std::string missing_rights(soci::session& sql) {
  return ask<std::string>(sql, select_missing_rights);
}

/// Returns the right that the role lacks on the sequence of `messages`, or an empty text. The
/// default of a serial column needs this right. An identity column does not.
std::string missing_sequence_right(soci::session& sql) {
  return ask<std::string>(sql, select_missing_sequence_right);
}

/// The rights that a hub needs only when the database has lost rows.
finding forks(soci::session& sql) {
  const auto missing = ask<std::string>(sql, select_missing_fork_rights);
  return {missing.empty(), "forks",
          missing.empty()
              ? "ids can go on elsewhere after a loss of rows"
              : "after a loss of rows nothing could be stored: this role lacks " + missing,
          "grant " + missing + " to it"};
}

finding tables(soci::session& sql, const database& where) {
  if (const auto failed = dry_run_database(sql, where))
    return {false, "tables", failed->reason, failed->remedy};
  return {true, "tables", "a message can be stored and read", {}};
}

std::vector<finding> examine_postgresql(soci::session& sql, const database& where) {
  std::vector<finding> out;
  const auto version = ask<int>(sql, select_version);
  out.push_back({version >= oldest_postgresql, "version",
                 "PostgreSQL " + ask<std::string>(sql, "show server_version"),
                 "hubbub is tested from PostgreSQL 14 on: upgrade the server"});
  out.push_back(ask<int>(sql, select_is_standby)
                    ? finding{false, "role", "the server is a standby, which stores no messages",
                              "point DATABASE_URL at the primary"}
                    : finding{true, "role", "the server is a primary", {}});
  const bool fsync = ask<std::string>(sql, "show fsync") == "on";
  out.push_back({fsync, "fsync",
                 fsync ? "on" : "off: a power failure loses messages that were shown",
                 "set fsync = on in postgresql.conf"});
  const auto sync = ask<std::string>(sql, "show synchronous_commit");
  out.push_back({sync != "off", "commit", "synchronous_commit is " + sync,
                 "set it to on: a crash would lose messages that were shown"});
  const auto server_time = ask<double>(sql, select_time);
  const std::chrono::duration<double> hub_time =
      std::chrono::system_clock::now().time_since_epoch();
  const auto skew = std::abs(server_time - hub_time.count());
  out.push_back(
      {skew < max_clock_skew, "clock",
       "differs from the database's by " + std::to_string(std::lround(skew * 1000)) + " ms",
       "run NTP on both machines: messages have the time of the hub"});
  const auto spare = ask<int>(sql, select_free_connections);
  out.push_back({spare >= connections_per_hub, "room",
                 std::to_string(spare) + " connections are free, and a hub needs " +
                     std::to_string(connections_per_hub),
                 "raise max_connections"});
  const auto encoding = ask<std::string>(sql, "show server_encoding");
  out.push_back({encoding == "UTF8", "encoding",
                 encoding + (encoding == "UTF8" ? "" : " cannot store every character"),
                 "create a database with: create database … encoding 'UTF8' template template0"});
  const bool exists = ask<int>(sql, select_has_schema);
  auto missing = exists ? missing_rights(sql) : std::string();
  if (missing.empty())
    missing = missing_sequence_right(sql);
  if (!missing.empty()) {
    out.push_back({false, "rights", "this role lacks " + missing, "grant " + missing + " to it"});
    return out;
  }
  out.push_back(schema(sql, exists, ask<int>(sql, select_may_create)));
  const bool can_run = std::all_of(out.begin(), out.end(), [](const finding& f) {
    return f.ok || (f.check != "role" && f.check != "schema" && f.check != "encoding");
  });
  if (exists) {
    for (auto* const check : {forks, check_older_hubs, check_outbox})
      out.push_back(check(sql));
  }
  if (can_run)
    out.push_back(tables(sql, where));
  return out;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

/// Returns why no file can grow in this folder, or an empty text. Tries it with an unnamed file,
/// which the kernel deletes when it is closed.
std::string write_error_in(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0)
    return errno == EOPNOTSUPP || errno == EISDIR ? "" : std::generic_category().message(errno);
  const int error = ::posix_fallocate(file, 0, 1 << 20);
  ::close(file);
  return error && error != EOPNOTSUPP && error != EINVAL ? std::generic_category().message(error)
                                                         : "";
}

finding disk_space(const fs::path& folder) {
  if (const auto fault = write_error_in(folder); !fault.empty())
    return {false, "space", "a file in " + folder.string() + " cannot grow: " + fault,
            "let the hub's user write there, and free some space on that disk"};
  std::error_code ec;
  const auto free = fs::space(folder, ec);
  return {!ec && free.available >= min_free_space, "space",
          ec ? ec.message() : std::to_string(free.available >> 20) + " MiB are free",
          "free some space on that disk"};
}

/// Throws if the file cannot be written. SQLite would open it for reading only, and fail at the
/// first message.
void check_writable(const fs::path& file) {
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
  out.push_back(schema(sql, ask<int>(sql, select_has_schema_sqlite), true));
  out.push_back(disk_space(folder_of(where.file)));
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
      return {{true,
               "database",
               where.display_name + " does not exist yet: the first start will create it",
               {}},
              disk_space(folder_of(where.file))};
    std::optional<file_lock> lock;
    if (sqlite) {
      check_writable(where.file);
      // No hub has used the database if there is no lock file, and the lock would create one.
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
         sqlite ? "end the process that has locked it, or repair the file and its permissions"
                : "check DATABASE_URL, that the server runs, and that it accepts this user"});
  }
  return out;
}

} // namespace hubbub
