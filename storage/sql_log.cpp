#include "storage/sql_log.hpp"

#include "storage/append_plan.hpp"
#include "storage/ascii_lowercase.hpp"
#include "storage/instant.hpp"
#include "storage/room_name_migration.hpp"
#include "storage/schema.hpp"
#include "storage/sql_error.hpp"
#include "storage/statements.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>

namespace hubbub {

namespace {

class sql_log : public log {
public:
  sql_log(const database& where, std::function<instant()> clock, std::shared_ptr<sqlite_file> file,
          server_observer observer)
      : kind_(where.kind), clock_(std::move(clock)),
        dialect_(where.kind == database_kind::sqlite ? sqlite_dialect : postgresql_dialect),
        connection_(where, std::move(file), dialect_.connected, std::move(observer)) {}

  std::string open() override {
    return with_port_errors([&] {
      // People name a restored log, too.
      identity_ = to_ascii_lowercase(prepare_schema(connection_.open(true), kind_));
      table_known_ = false;
      normalize_room_names(connection_.open());
      return identity_;
    });
  }

  appended append(std::span<draft> drafts) override {
    return with_port_errors<true>([&] {
      if (auto done = try_append(drafts))
        return std::move(*done);
      // Somebody gave the table a trigger, or made it anew.
      connection_.rollback();
      table_known_ = false;
      if (auto done = try_append(drafts))
        return std::move(*done);
      throw log_unavailable("the table of the log is being changed");
    });
  }

  std::vector<message> after(row_id cursor, row_id last, int limit) override {
    return read([&] { return prepared().after(cursor, last, limit); });
  }

  std::vector<message> after(const std::string& room, row_id cursor, int limit) override {
    return read([&] { return prepared().after(room, cursor, limit); });
  }

  std::vector<message> before(const std::string& room, row_id bound, int limit) override {
    return read([&] {
      auto rows = prepared().before(room, bound, limit);
      std::reverse(rows.begin(), rows.end());
      return rows;
    });
  }

  std::vector<message> newest(const std::vector<std::string>& rooms, row_id bound,
                              int limit) override {
    return read([&] {
      return prepared().newest(nlohmann::json(rooms).dump(), rooms.size(), bound, limit);
    });
  }

  row_id newest_id() override {
    return read([&] {
      long long id = 0;
      connection_.open() << "select coalesce(max(id), 0) from messages", soci::into(id);
      return row_id{id};
    });
  }

  void check() override {
    read(
        [&] {
          statements::execute_all(connection_.open(),
                                  connection_.is_pooled() ? dialect_.pooled_probe : dialect_.probe);
        },
        dialect_.pooled_begin);
  }

  void verify() override {
    read([&] {
      table_known_ = false;
      prepared();
    });
  }

  void interrupt() override { connection_.interrupt(); }

private:
  statements& prepared() {
    auto& session = connection_.open();
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

  log_table inspect_table(soci::session& session) {
    log_table now;
    try {
      now = statements::inspect_table(session, dialect_);
    } catch (const soci::soci_error& e) {
      if (identity_.empty() || !classify_error(e).table_missing)
        throw;
    }
    if (!identity_.empty() && to_ascii_lowercase(now.log) != identity_)
      throw log_replaced(now.log.empty() ? "the tables of the log are gone"
                                         : "another log is in the place of log " + identity_);
    return now;
  }

  /// After a call that failed. A statement that failed still holds what was bound to it, and SOCI
  /// frees that with the statement alone.
  void clean_up() {
    if (connection_.rollback())
      statements_.reset();
    else
      disconnect();
  }

  void disconnect() {
    table_known_ = false;
    statements_.reset();
    connection_.close();
  }

  /// Lookup and insert see one state of the table, because all who append hold the same lock, and
  /// each statement after it takes a snapshot of its own. Empty: nothing was stored, because the
  /// statements are not for the table as it is now.
  std::optional<appended> try_append(std::span<draft> drafts) {
    auto& run = prepared();
    append_plan plan(drafts);
    const bool lookup = plan.needs_lookup(), verified = table_.interferes;
    const bool transaction = lookup || verified || connection_.is_pooled() || !dialect_.lone_insert;
    if (transaction)
      statements::execute_all(connection_.open(),
                              connection_.is_pooled() ? dialect_.pooled_begin : dialect_.begin);
    const auto now = clock_(); // as it is, for a clock that ran ahead may be set right
    if (lookup)
      plan.find_stored(run);
    if (auto rows = plan.assign_numbers(); !rows.empty()) {
      if (verified)
        plan.set_stored(run.insert_verified(std::move(rows), plan.row_count(), to_sql(now)));
      else if (const auto ids = run.insert(std::move(rows), plan.row_count(), to_sql(now));
               !ids.empty())
        plan.set_stored(ids);
      else
        return {};
    }
    if (transaction)
      connection_.open() << "commit";
    connection_.check_file(); // else it may be stored nowhere
    table_known_ = !verified; // it may be an ordinary table the next time
    return plan.finish(now);
  }

  /// Runs one act on the database and turns what it throws into the port's errors.
  template<bool OfDrafts = false, class Act>
  auto with_port_errors(Act act) -> decltype(act()) {
    connection_.check_file();
    connection_.begin_call();
    try {
      return act();
    } catch (const nlohmann::json::exception&) {
      clean_up();
      throw log_refusal("it is not UTF-8"); // the exception quotes a byte of it
    } catch (const log_refusal&) {
      clean_up();
      throw;
    } catch (const log_file_lost&) { // the session is good, should the file come back
      throw;
    } catch (const log_replaced&) {
      clean_up();
      throw;
    } catch (const std::exception& e) {
      const auto failure = classify_error(e);
      table_known_ = false; // its tables may be others
      if (failure.session_usable)
        clean_up();
      else
        disconnect();
      if (OfDrafts && failure.origin == error_origin::draft)
        throw log_refusal(failure.reason);
      if (OfDrafts && failure.origin == error_origin::unclear)
        throw log_objection(failure.reason);
      if (OfDrafts && failure.too_slow)
        throw log_too_slow(failure.reason);
      if (failure.table_missing && identity_.empty())
        throw log_not_created(failure.reason);
      throw log_unavailable(failure.reason);
    }
  }

  /// The same for an act that leaves nothing behind. A session that was lost while nobody looked,
  /// with a server that is back by now, is no reason for it to fail.
  template<class Act>
  auto read(Act act) -> decltype(act()) {
    return read(std::move(act), dialect_.pooled_read);
  }

  template<class Act>
  auto read(Act act, const std::string& begin) -> decltype(act()) {
    const auto once = [&] {
      connection_.open();
      const bool transaction = connection_.is_pooled();
      if (transaction)
        statements::execute_all(connection_.open(), begin);
      const auto end = [&] {
        if (transaction)
          connection_.open() << "commit";
      };
      if constexpr (std::is_void_v<decltype(act())>) {
        act();
        end();
      } else {
        auto result = act();
        end();
        return result;
      }
    };
    return with_port_errors([&] {
      if (connection_.is_open())
        try {
          return once();
        } catch (const std::exception&) {
          if (!connection_.is_lost())
            throw;
          disconnect();
        }
      return once();
    });
  }

  const database_kind kind_;
  const std::function<instant()> clock_;
  const dialect& dialect_;
  sql_connection connection_;
  std::optional<statements> statements_; ///< Of the session, before which they go.
  std::string identity_;                 ///< Of the log, as `open` found it; empty before.
  log_table table_;                      ///< What statements_ are for.
  bool table_known_ = false;             ///< Whether table_ is that of this session.
};

} // namespace

std::unique_ptr<log> make_sql_log(const database& where, std::function<instant()> clock,
                                  std::shared_ptr<sqlite_file> file, server_observer observer) {
  if (!file)
    file = make_sqlite_file(where);
  return std::make_unique<sql_log>(where, std::move(clock), std::move(file), std::move(observer));
}

} // namespace hubbub
