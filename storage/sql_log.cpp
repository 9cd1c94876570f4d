#include "storage/sql_log.hpp"

#include "storage/append_plan.hpp"
#include "storage/first_refused.hpp"
#include "storage/instant.hpp"
#include "storage/log_session.hpp"
#include "storage/message_search.hpp"
#include "storage/newest_row.hpp"
#include "storage/outbox_move.hpp"
#include "storage/port_error.hpp"
#include "storage/time_search.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

namespace hubbub {

namespace {

/// Threads: as log says. `interrupt` uses only `session_`, whose function is thread-safe.
class sql_log : public log {
public:
  sql_log(const database& where, std::function<instant()> clock, std::shared_ptr<sqlite_file> file,
          server_observer observer, std::shared_ptr<log_lineage> lineage)
      : kind_(where.kind), clock_(std::move(clock)),
        session_(where, std::move(file), std::move(observer), std::move(lineage)),
        connection_(session_.connection()), dialect_(session_.texts()) {}

  opened_log open() override {
    return with_port_errors([&] { return session_.open_log(); });
  }

  appended append(std::span<draft> drafts) override { return append(drafts, ending::commit); }

  std::optional<std::size_t> find_refused(std::span<const draft> unit) override {
    return first_refused(unit, [this](std::span<draft> some) { append(some, ending::rollback); });
  }

  log_page after(row_id cursor, row_id last, page_limit most) override {
    return read([&] { return session_.prepared().after(cursor, last, most); });
  }

  log_page after(const std::string& room, row_id cursor, page_limit most) override {
    return read([&] { return session_.prepared().after(room, cursor, most); });
  }

  log_page before(const std::string& room, row_id bound, page_limit most) override {
    return read([&] { return session_.prepared().before(room, bound, most); });
  }

  row_id cursor_at(const std::string& room, instant at) override {
    return read([&] {
      session_.prepared();
      return find_cursor_at(session_.open(), kind_, !connection_.is_pooled(), room, at);
    });
  }

  log_page search(const std::string& room, const std::string& text, row_id bound,
                  page_limit most) override {
    return read([&] {
      auto& run = session_.prepared();
      // session_.open() might close the session, and destroy the statements.
      return run.with_ids(find_messages(connection_.open(), kind_, !connection_.is_pooled(), room,
                                        text, bound, most.rows),
                          most);
    });
  }

  std::vector<log_page> newest(const std::vector<std::string>& rooms, row_id bound, page_limit most,
                               std::size_t total_bytes) override {
    return read([&] { return session_.prepared().newest(rooms, bound, most, total_bytes); });
  }

  std::int64_t count(const std::string& room, row_id cursor, row_id last,
                     std::int64_t most) override {
    return read([&] {
      long long found = 0;
      const long long after = cursor, up_to = last, limit = most;
      session_.prepared();
      session_.open() << dialect_.count_in_room, soci::use(room, "room"),
          soci::use(after, "cursor"), soci::use(up_to, "last"), soci::use(limit, "most"),
          soci::into(found);
      return std::int64_t(found);
    });
  }

  row_id newest_id() override {
    return read([&] {
      long long id = 0;
      session_.prepared();
      session_.open() << select_newest_id, soci::into(id);
      return std::max(row_id{id}, session_.lineage().skipped());
    });
  }

  void check() override {
    read(
        [&] {
          session_.forget_table();
          session_.prepared();
          statements::execute_all(session_.open(),
                                  connection_.is_pooled() ? dialect_.pooled_probe : dialect_.probe);
        },
        dialect_.pooled_begin_append);
  }

  void verify() override {
    read([&] {
      session_.forget_table();
      session_.prepared();
    });
  }

  outbox_progress move_outbox(const outbox_limits& most) override {
    if (kind_ == database_kind::sqlite)
      return log::move_outbox(most);
    try {
      return with_port_errors<true>([&] { return outbox_.run(most); });
    } catch (const log_refusal& e) {
      return outbox_.failed(e.what(), false);
    } catch (const log_objection& e) {
      return outbox_.failed(e.what(), true);
    }
  }

  void interrupt() override { connection_.interrupt(); }

private:
  enum class ending { commit, rollback };

  appended append(std::span<draft> drafts, ending end) {
    return with_port_errors<true>(
        [&] { return session_.with_current_table([&] { return try_append(drafts, end); }); });
  }

  /// The lookup and the insert see one state of the table, because every append holds the same lock
  /// and each statement after it takes a new snapshot. Returns nothing, and has stored nothing, if
  /// the statements do not fit the table as it is now.
  std::optional<appended> try_append(std::span<draft> drafts, ending end) {
    session_.open();
    const bool pooled = connection_.is_pooled();
    if (pooled) // every statement needs the timeout, which only a transaction can have
      statements::execute_all(connection_.open(), dialect_.pooled_begin_append);
    auto& run = session_.prepared();
    const bool verified = session_.table().interferes;
    append_plan plan(drafts, verified);
    const bool transaction = pooled || plan.needs_lookup() || verified ||
                             !dialect_.autocommit_insert || end == ending::rollback;
    if (transaction && !pooled)
      statements::execute_all(connection_.open(), dialect_.begin_append);
    const auto seen = session_.lineage().newest_seen();
    const auto now = clock_(); // may be before the last one, if the clock was corrected
    if (!plan.store(run, seen, now))
      return {};
    if (end == ending::rollback) {
      if (!dialect_.fire_triggers.empty()) // a commit would do so
        connection_.open() << dialect_.fire_triggers;
      connection_.rollback();
      return plan.finish(now);
    }
    if (transaction)
      connection_.open() << "commit";
    connection_.check_file(); // rows in a deleted file are lost
    if (verified)
      session_.forget_table(); // the triggers may be gone at the next append
    auto done = plan.finish(now);
    session_.saw(newest_of(done.receipts));
    return done;
  }

  /// Runs `act`, which uses the database, and translates its exceptions to the errors of the port.
  template<bool OfDrafts = false, class Act>
  auto with_port_errors(Act act) -> decltype(act()) {
    connection_.check_file();
    connection_.begin_call();
    try {
      return act();
    } catch (const nlohmann::json::exception&) {
      session_.clean_up();
      // The text of the exception would quote a byte of the draft.
      throw log_refusal("the message is not UTF-8");
    } catch (const log_refusal&) {
      session_.clean_up();
      throw;
    } catch (const log_file_lost&) { // the session is usable if the file comes back
      throw;
    } catch (const log_replaced&) {
      session_.clean_up();
      throw;
    } catch (const search_failed&) {
      session_.clean_up();
      throw;
    } catch (const log_unavailable&) { // a fork, or an old primary
      session_.close();
      throw;
    } catch (const std::exception& e) {
      const auto failure = classify_error(e);
      session_.forget_table(); // the cause may be a change of the table
      if (failure.session_usable)
        session_.clean_up();
      else
        session_.close();
      throw_port_error(failure, {.of_drafts = OfDrafts, .log_known = !session_.identity().empty()});
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
      session_.open();
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
        if constexpr (std::is_class_v<decltype(result)>)
          if (const auto newest = newest_of(result); newest.id)
            session_.saw(newest);
        end();
        if (!session_.is_current())
          throw log_unavailable("the log has forked while it was read");
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
          session_.close();
        }
      return once();
    });
  }

  const database_kind kind_;
  const std::function<instant()> clock_;
  log_session session_;
  sql_connection& connection_; ///< Of `session_`.
  const dialect& dialect_;
  outbox_move outbox_{session_, clock_};
};

} // namespace

std::unique_ptr<log> make_sql_log(const database& where, std::function<instant()> clock,
                                  std::shared_ptr<sqlite_file> file, server_observer observer,
                                  std::shared_ptr<log_lineage> lineage) {
  if (!file)
    file = make_sqlite_file(where);
  if (!lineage)
    lineage = std::make_shared<log_lineage>();
  return std::make_unique<sql_log>(where, std::move(clock), std::move(file), std::move(observer),
                                   std::move(lineage));
}

} // namespace hubbub
