#include "storage/search_index.hpp"

#include "storage/catalog.hpp"
#include "storage/dialect.hpp"
#include "storage/log.hpp"
#include "storage/schema.hpp"
#include "storage/search_statements.hpp"
#include "storage/sql_connection.hpp"
#include "storage/sql_error.hpp"
#include "storage/statements.hpp"

#include <atomic>
#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

namespace texts = search_statements;

/// Rows of one step in SQLite.
constexpr int rows_per_step = 1000;

// Not the locks of the log: only hubs that make the index wait for each other.
constexpr auto try_lock = "select cast(pg_try_advisory_lock(7526466502384809315) as int)";

// Building the index waits for every transaction that is older, also for a hub that watches its
// predecessor for ten seconds. Nobody waits behind the build, so only the wait for the table has a
// bound, which an operator's `alter table` may block.
constexpr auto wait_for_table = R"(
begin;
set local lock_timeout = '2s';
lock table messages in share update exclusive mode;
commit)";

/// PostgreSQL's own address, because a build is no transaction, and its lock belongs to a session.
database direct(database where) {
  where.connection_string = where.direct_connection_string();
  where.listen_connection_string.clear();
  return where;
}

class sql_search_index : public search_index {
public:
  sql_search_index(const database& where, std::shared_ptr<sqlite_file> file)
      : kind_(where.kind),
        connection_(direct(where), std::move(file), dialect_of(where.kind).session_setup, {}) {}

  index_progress step() override {
    connection_.begin_call();
    try {
      connection_.check_file();
      auto& sql = connection_.open();
      if (stopped_) // not seen by `begin_call` or a connection that was not made yet
        throw log_shutdown();
      // A build keeps everybody from changing the table, so the columns of the log come first.
      if (!schema_is_current(sql, kind_))
        return index_progress::waiting;
      if (is_true(sql, texts::is_ready(kind_)))
        return index_progress::done;
      return kind_ == database_kind::sqlite ? step_of_sqlite(sql) : build(sql);
    } catch (const log_unavailable&) { // the end of this hub, or a file that was replaced
      close();
      throw;
    } catch (const std::exception& e) {
      close();
      throw log_unavailable(classify_error(e).reason);
    }
  }

  void close() override {
    connection_.rollback();
    connection_.close();
  }

  void stop() override {
    stopped_ = true;
    connection_.interrupt();
  }

private:
  index_progress step_of_sqlite(soci::session& sql) {
    sql << "begin immediate";
    int parts = 0;
    sql << texts::count_parts, soci::into(parts);
    if (parts != texts::all_parts) {
      // The table of the log was replaced, or the rows of hubbub_meta.
      statements::execute_all(sql, texts::drop_table());
      statements::execute_all(sql, texts::create_table());
    }
    fill(sql);
    sql << "commit";
    connection_.check_file();
    return index_progress::working;
  }

  void fill(soci::session& sql) {
    long long last = 0;
    const int count = rows_per_step;
    soci::indicator found = soci::i_null;
    sql << texts::next_missing, soci::use(count, "count"), soci::into(last, found);
    if (found != soci::i_ok) {
      sql << texts::record_all_filled;
      return;
    }
    sql << texts::fill, soci::use(last, "last");
    sql << texts::record_filled, soci::use(last, "last");
  }

  index_progress build(soci::session& sql) {
    if (!std::exchange(announced_, true))
      return index_progress::working;
    if (connection_.is_pooled()) // the lock would stay with a session of the pooler
      throw log_unavailable("a pooler is in between, so LISTEN_DATABASE_URL is needed");
    if (!is_true(sql, try_lock))
      return index_progress::waiting;
    // The other hub may have finished between the look and the lock.
    if (!is_true(sql, texts::is_ready(kind_))) {
      sql << wait_for_table;
      sql << "set statement_timeout = 0";
      if (is_true(sql, texts::exists(kind_))) // otherwise the name may be that of another schema
        sql << texts::drop_index;
      sql << texts::create_index();
    }
    close(); // which releases the lock, and forgets the settings
    return index_progress::working;
  }

  const database_kind kind_;
  std::atomic<bool> stopped_ = false;
  bool announced_ = false; ///< A step has said that the index will be built.
  sql_connection connection_;
};

} // namespace

std::unique_ptr<search_index> make_search_index(const database& where,
                                                std::shared_ptr<sqlite_file> file) {
  return std::make_unique<sql_search_index>(where, std::move(file));
}

void remove_search_index(const database& where) {
  if (std::error_code ec;
      where.kind != database_kind::sqlite || !std::filesystem::exists(where.file, ec))
    return;
  try {
    sql_connection connection(where, nullptr, dialect_of(where.kind).session_setup, {});
    auto& sql = connection.open();
    if (!is_true(sql, texts::exists(where.kind)))
      return;
    sql << "begin immediate";
    statements::execute_all(sql, texts::drop_table());
    sql << "commit";
  } catch (const soci::soci_error&) {
    // The log says what is wrong with the file, and the next start tries again.
  }
}

} // namespace hubbub
