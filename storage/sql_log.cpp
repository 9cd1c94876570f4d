#include "storage/sql_log.hpp"

#include "storage/append_plan.hpp"
#include "storage/instant.hpp"
#include "storage/notices.hpp"
#include "storage/postgres_session.hpp"
#include "storage/room_forms.hpp"
#include "storage/schema.hpp"
#include "storage/small_letters.hpp"
#include "storage/sql_error.hpp"
#include "storage/statements.hpp"

#include <nlohmann/json.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <libpq-fe.h>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <type_traits>

namespace hubbub {

namespace {

class sql_log : public log {
public:
  sql_log(const database& where, std::function<instant()> clock, std::shared_ptr<sqlite_file> file,
          server_heard heard)
      : where_(where), clock_(std::move(clock)), file_(std::move(file)), heard_(std::move(heard)),
        say_(where.kind == database_kind::sqlite ? sqlite_dialect : postgresql_dialect),
        backend_(where.kind == database_kind::sqlite
                     ? static_cast<const soci::backend_factory&>(*soci::factory_sqlite3())
                     : *soci::factory_postgresql()) {}

  ~sql_log() override { disconnect(); }

  std::string open() override {
    return guarded([&] {
      // People name a restored log, too.
      name_ = in_small_letters(prepare_schema(connected(true), where_.kind));
      known_ = false;
      unify_room_names(connected());
      return name_;
    });
  }

  appended append(std::span<draft> drafts) override {
    return guarded<true>([&] {
      if (auto done = try_append(drafts))
        return std::move(*done);
      // Somebody gave the table a trigger, or made it anew.
      settle();
      known_ = false;
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

  row_id newest() override {
    return read([&] {
      long long id = 0;
      connected() << "select coalesce(max(id), 0) from messages", soci::into(id);
      return row_id{id};
    });
  }

  void check() override {
    read([&] { statements::run(connected(), pooled_ ? say_.pooled_probe : say_.probe); },
         say_.pooled_begin);
  }

  void verify() override {
    read([&] {
      known_ = false;
      prepared();
    });
  }

  void interrupt() override {
    const std::lock_guard guard(mutex_);
    interrupted_ = true;
    if (socket_ >= 0)
      ::shutdown(socket_, SHUT_RDWR);
  }

private:
  /// `may_make`: also where there is no database yet, for SQLite.
  soci::session& connected(bool may_make = false) {
    if (session_)
      return *session_;
    if (file_)
      file_->before_opening(may_make);
    session_.emplace(backend_, where_.connect);
    if (where_.kind == database_kind::postgresql) {
      PQsetErrorVerbosity(postgresql(), PQERRORS_VERBOSE); // see examine_failure
      const std::lock_guard guard(mutex_);
      hear_notices(postgresql(), where_);
      socket_ = PQsocket(postgresql());
    } else
      sqlite_api::sqlite3_extended_result_codes(sqlite(), 1);
    pooled_ = where_.kind == database_kind::postgresql && behind_pooler();
    if (!pooled_)
      statements::run(*session_, say_.connected);
    if (heard_ && where_.kind == database_kind::postgresql)
      heard_(server_of(postgresql()));
    if (file_) {
      *session_ << "select count(*) from sqlite_master"; // now all its files are there
      file_->opened();
      counted_ = true;
    }
    return *session_;
  }

  /// Which has told another process than the one that answers, or is known by the settings.
  bool behind_pooler() {
    if (!where_.listen.empty())
      return true;
    int process = 0;
    *session_ << "select pg_backend_pid()", soci::into(process);
    return process != PQbackendPID(postgresql());
  }

  statements& prepared() {
    auto& session = connected();
    if (!known_) {
      if (const auto now = look(session); now != table_) {
        statements_.reset();
        table_ = now;
      }
      known_ = true;
    }
    if (!statements_)
      statements_.emplace(session, say_, table_, !pooled_);
    return *statements_;
  }

  log_table look(soci::session& session) {
    log_table now;
    try {
      now = statements::look(session, say_);
    } catch (const soci::soci_error& e) {
      if (name_.empty() || !examine_failure(e).no_table)
        throw;
    }
    if (!name_.empty() && in_small_letters(now.log) != name_)
      throw log_replaced(now.log.empty() ? "the tables of the log are gone"
                                         : "another log is in the place of log " + name_);
    return now;
  }

  /// Ends the transaction of a call that failed. False: the session is of no more use.
  bool settle() {
    try {
      if (where_.kind == database_kind::postgresql
              ? PQtransactionStatus(postgresql()) != PQTRANS_IDLE
              : !sqlite_api::sqlite3_get_autocommit(sqlite()))
        *session_ << "rollback";
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  PGconn* postgresql() {
    return static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_;
  }

  sqlite_api::sqlite3* sqlite() {
    return static_cast<soci::sqlite3_session_backend*>(session_->get_backend())->conn_;
  }

  void disconnect() {
    {
      const std::lock_guard guard(mutex_); // from here on the descriptor may be somebody else's
      socket_ = -1;
    }
    known_ = false;
    statements_.reset();
    if (file_ && session_)
      // SQLite does so at the end of the last session, unless two end at once; and one whose -wal
      // file was deleted would take with it what is in there.
      sqlite_api::sqlite3_wal_checkpoint_v2(sqlite(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                            nullptr);
    session_.reset();
    if (std::exchange(counted_, false))
      file_->closed();
  }

  /// Lookup and insert see one state of the table, because all who append hold the same lock, and
  /// each statement after it takes a snapshot of its own. Empty: nothing was stored, because the
  /// statements are not for the table as it is now.
  std::optional<appended> try_append(std::span<draft> drafts) {
    auto& run = prepared();
    append_plan plan(drafts);
    const bool look = plan.looks(), verified = table_.interferes;
    const bool transaction = look || verified || pooled_ || !say_.lone_insert;
    if (transaction)
      statements::run(*session_, pooled_ ? say_.pooled_begin : say_.begin);
    const auto now = clock_(); // as it is, for a clock that ran ahead may be set right
    if (look)
      plan.find(run);
    if (auto rows = plan.number(); !rows.empty()) {
      if (verified)
        plan.stored(run.insert_verified(std::move(rows), plan.rows(), to_sql(now)));
      else if (const auto ids = run.insert(std::move(rows), plan.rows(), to_sql(now)); !ids.empty())
        plan.stored(ids);
      else
        return {};
    }
    if (transaction)
      *session_ << "commit";
    if (file_)
      file_->check();   // else it may be stored nowhere
    known_ = !verified; // it may be an ordinary table the next time
    return plan.end(now);
  }

  /// Runs one act on the database and turns what it throws into the port's errors.
  template<bool OfDrafts = false, class Act>
  auto guarded(Act act) -> decltype(act()) {
    if (file_ && session_)
      file_->check();
    {
      const std::lock_guard guard(mutex_);
      interrupted_ = false;
    }
    try {
      return act();
    } catch (const nlohmann::json::exception&) {
      if (session_ && !settle())
        disconnect();
      throw log_refusal("it is not UTF-8"); // the exception quotes a byte of it
    } catch (const log_refusal&) {
      if (!settle())
        disconnect();
      throw;
    } catch (const log_moved&) { // the session is good, should the file come back
      throw;
    } catch (const log_replaced&) {
      if (!settle())
        disconnect();
      throw;
    } catch (const std::exception& e) {
      const auto failure = examine_failure(e);
      known_ = false; // its tables may be others
      if (!failure.usable || !session_ || !settle())
        disconnect();
      if (OfDrafts && failure.whose == blame::draft)
        throw log_refusal(failure.why);
      if (OfDrafts && failure.whose == blame::unclear)
        throw log_objection(failure.why);
      throw log_unavailable(failure.why);
    }
  }

  /// The same for an act that leaves nothing behind. A session that was lost while nobody looked,
  /// with a server that is back by now, is no reason for it to fail.
  template<class Act>
  auto read(Act act) -> decltype(act()) {
    return read(std::move(act), say_.pooled_read);
  }

  template<class Act>
  auto read(Act act, const std::string& begin) -> decltype(act()) {
    const auto once = [&] {
      connected();
      const bool transaction = pooled_;
      if (transaction)
        statements::run(*session_, begin);
      const auto end = [&] {
        if (transaction)
          *session_ << "commit";
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
    return guarded([&] {
      if (session_)
        try {
          return once();
        } catch (const std::exception&) {
          if (!lost())
            throw;
          disconnect();
        }
      return once();
    });
  }

  /// By the server or on the way, and not by `interrupt`.
  bool lost() {
    const std::lock_guard guard(mutex_);
    return !interrupted_ && socket_ >= 0 && PQstatus(postgresql()) == CONNECTION_BAD;
  }

  const database where_;
  const std::function<instant()> clock_;
  const std::shared_ptr<sqlite_file> file_; ///< Null for PostgreSQL.
  const server_heard heard_;
  const dialect& say_;
  const soci::backend_factory& backend_;
  std::optional<soci::session> session_;
  std::optional<statements> statements_;
  bool counted_ = false; ///< The session is among those of file_.
  bool pooled_ = false;  ///< The session is a pooler's: it keeps nothing over a transaction.
  std::string name_;     ///< Of the log, as `open` found it; empty before.
  log_table table_;      ///< What statements_ are for.
  bool known_ = false;   ///< Whether table_ is that of this session.
  std::mutex mutex_;
  int socket_ = -1; ///< PostgreSQL's, guarded by the mutex, as is interrupted_.
  bool interrupted_ = false;
};

} // namespace

instant system_time() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::unique_ptr<log> make_sql_log(const database& where, std::function<instant()> clock,
                                  std::shared_ptr<sqlite_file> file, server_heard heard) {
  if (!file)
    file = watch_file(where);
  return std::make_unique<sql_log>(where, std::move(clock), std::move(file), std::move(heard));
}

} // namespace hubbub
