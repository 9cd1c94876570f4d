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
#include <vector>

namespace hubbub {

namespace {

/// Threads: as log says. `interrupt` uses only `connection_`, whose function is thread-safe.
class sql_log : public log {
public:
  sql_log(const database& where, std::function<instant()> clock, std::shared_ptr<sqlite_file> file,
          server_observer observer)
      : kind_(where.kind), clock_(std::move(clock)), dialect_(dialect_of(where.kind)),
        connection_(where, std::move(file), dialect_.session_setup, std::move(observer)) {}

  opened_log open() override {
    return with_port_errors([&] {
      // An operator may have written the identity of a restored log, in capitals.
      identity_ = to_ascii_lowercase(prepare_schema(connection_.open(true), kind_));
      table_known_ = false;
      normalize_room_names(connection_.open());
      long long newest = 0;
      connection_.open() << select_newest_id, soci::into(newest);
      return opened_log{identity_, newest, {}};
    });
  }

  appended append(std::span<draft> drafts) override {
    return with_port_errors<true>([&] {
      if (auto done = try_append(drafts))
        return std::move(*done);
      // The table has a new trigger, or is a new table.
      connection_.rollback();
      table_known_ = false;
      if (auto done = try_append(drafts))
        return std::move(*done);
      throw log_unavailable("the table of the log changes at this moment");
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
      connection_.open() << select_newest_id, soci::into(id);
      return row_id{id};
    });
  }

  void check() override {
    read(
        [&] {
          statements::execute_all(connection_.open(),
                                  connection_.is_pooled() ? dialect_.pooled_probe : dialect_.probe);
        },
        dialect_.pooled_begin_append);
  }

  void verify() override {
    read([&] {
      table_known_ = false;
      prepared();
    });
  }

  void interrupt() override { connection_.interrupt(); }

private:
  /// Returns the statements of the present session for the present table. Connects and prepares
  /// them first if necessary.
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
      throw log_replaced(now.log.empty() ? "the tables of the log no longer exist"
                                         : "another log has replaced log " + identity_);
    return now;
  }

  /// Ends the transaction of a call that failed. The statements are destroyed, because SOCI keeps
  /// the bound values of a failed statement until then.
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

  /// The lookup and the insert see one state of the table, because every append holds the same lock
  /// and each statement after it takes a new snapshot. Returns nothing, and has stored nothing, if
  /// the statements do not fit the table as it is now.
  std::optional<appended> try_append(std::span<draft> drafts) {
    auto& run = prepared();
    append_plan plan(drafts);
    const bool lookup = plan.needs_lookup(), verified = table_.interferes;
    const bool transaction =
        lookup || verified || connection_.is_pooled() || !dialect_.autocommit_insert;
    if (transaction)
      statements::execute_all(connection_.open(), connection_.is_pooled()
                                                      ? dialect_.pooled_begin_append
                                                      : dialect_.begin_append);
    const auto now = clock_(); // may be before the last one, if the clock was corrected
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
    connection_.check_file(); // rows in a deleted file are lost
    table_known_ = !verified; // the triggers may be gone at the next append
    return plan.finish(now);
  }

  /// Runs `act`, which uses the database, and translates its exceptions to the errors of the port.
  template<bool OfDrafts = false, class Act>
  auto with_port_errors(Act act) -> decltype(act()) {
    connection_.check_file();
    connection_.begin_call();
    try {
      return act();
    } catch (const nlohmann::json::exception&) {
      clean_up();
      // The text of the exception would quote a byte of the draft.
      throw log_refusal("the message is not UTF-8");
    } catch (const log_refusal&) {
      clean_up();
      throw;
    } catch (const log_file_lost&) { // the session is usable if the file comes back
      throw;
    } catch (const log_replaced&) {
      clean_up();
      throw;
    } catch (const std::exception& e) {
      const auto failure = classify_error(e);
      table_known_ = false; // the cause may be a change of the table
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

  /// The same for an act that changes nothing. If the session was lost since the last call, the act
  /// runs once more on a new connection, so a restart of the server does not make the call fail.
  template<class Act>
  auto read(Act act) -> decltype(act()) {
    return read(std::move(act), dialect_.pooled_begin_read);
  }

  template<class Act>
  auto read(Act act, const std::vector<std::string>& begin) -> decltype(act()) {
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
  std::optional<statements> statements_; ///< Of the session of `connection_`.
  std::string identity_;                 ///< The identity that `open` has returned, or empty.
  log_table table_;                      ///< The table that `statements_` are for.
  bool table_known_ = false;             ///< `table_` was inspected in this session.
};

} // namespace

std::unique_ptr<log> make_sql_log(const database& where, std::function<instant()> clock,
                                  std::shared_ptr<sqlite_file> file, server_observer observer) {
  if (!file)
    file = make_sqlite_file(where);
  return std::make_unique<sql_log>(where, std::move(clock), std::move(file), std::move(observer));
}

} // namespace hubbub
