#include "storage/sql_log.hpp"

#include "storage/append_plan.hpp"
#include "storage/instant.hpp"
#include "storage/schema.hpp"
#include "storage/statements.hpp"

#include <nlohmann/json.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <optional>

namespace hubbub {

namespace {

class sql_log : public log {
public:
  explicit sql_log(const database& where)
      : where_(where),
        say_(where.kind == database_kind::sqlite ? sqlite_dialect : postgresql_dialect),
        backend_(where.kind == database_kind::sqlite
                     ? static_cast<const soci::backend_factory&>(*soci::factory_sqlite3())
                     : *soci::factory_postgresql()) {}

  std::string open() override {
    return guarded([&] { return prepare_schema(connected(), where_.kind); });
  }

  appended append(std::span<draft> drafts) override {
    return guarded([&] { return append(prepared(), drafts); });
  }

  std::vector<message> after(row_id cursor, row_id last, int limit) override {
    return guarded([&] { return prepared().after(cursor, last, limit); });
  }

  std::vector<message> after(const std::string& room, row_id cursor, int limit) override {
    return guarded([&] { return prepared().after(room, cursor, limit); });
  }

  std::vector<message> before(const std::string& room, row_id bound, int limit) override {
    return guarded([&] {
      auto rows = prepared().before(room, bound, limit);
      std::reverse(rows.begin(), rows.end());
      return rows;
    });
  }

  std::vector<message> newest(const std::vector<std::string>& rooms, row_id bound,
                              int limit) override {
    return guarded([&] {
      return prepared().newest(nlohmann::json(rooms).dump(), rooms.size(), bound, limit);
    });
  }

  row_id newest() override {
    return guarded([&] {
      long long id = 0;
      connected() << "select coalesce(max(id), 0) from messages", soci::into(id);
      return row_id{id};
    });
  }

  void check() override {
    guarded([&] { statements::run(connected(), say_.probe); });
  }

  void interrupt() override {
    const std::lock_guard guard(mutex_);
    if (socket_ >= 0)
      ::shutdown(socket_, SHUT_RDWR);
  }

private:
  soci::session& connected() {
    if (session_)
      return *session_;
    session_.emplace(backend_, where_.connect);
    if (where_.kind == database_kind::postgresql) {
      const std::lock_guard guard(mutex_);
      socket_ =
          PQsocket(static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_);
    }
    statements::run(*session_, say_.connected);
    return *session_;
  }

  statements& prepared() {
    auto& session = connected();
    if (!statements_)
      statements_.emplace(session, say_);
    return *statements_;
  }

  void disconnect() {
    {
      const std::lock_guard guard(mutex_); // from here on the descriptor may be somebody else's
      socket_ = -1;
    }
    statements_.reset();
    session_.reset();
  }

  /// Lookup and insert see one state of the table, because all who append hold the same lock, and
  /// each statement after it takes a snapshot of its own.
  appended append(statements& run, std::span<draft> drafts) {
    append_plan plan(drafts);
    const bool look = plan.looks(), transaction = look || !say_.lone_insert;
    if (transaction)
      statements::run(*session_, say_.begin);
    last_ = std::max(
        last_, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
    if (look)
      plan.find(run);
    if (auto rows = plan.number(); !rows.empty())
      plan.stored(run.insert(std::move(rows), plan.rows(), to_sql(last_)));
    if (transaction)
      *session_ << "commit";
    return plan.end(last_);
  }

  /// Runs one act on the database and turns what it throws into the port's two errors.
  template<class Act>
  auto guarded(Act act) -> decltype(act()) {
    try {
      return act();
    } catch (const nlohmann::json::exception& e) {
      disconnect();
      throw log_refusal(e.what());
    } catch (const std::exception& e) {
      const bool refused = is_refusal(e);
      disconnect();
      if (refused)
        throw log_refusal(first_line(e.what()));
      throw log_unavailable(first_line(e.what()));
    }
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  static bool is_refusal(const std::exception& e) {
    if (const auto* pg = dynamic_cast<const soci::postgresql_soci_error*>(&e)) {
      const auto state = pg->sqlstate();
      // A unique violation is no fault of the draft: another session committed what this one lost
      // sight of, and the next try will find it.
      return state != "23505" &&
             (state.starts_with("22") || state.starts_with("23") || state.starts_with("54"));
    }
    if (const auto* lite = dynamic_cast<const soci::sqlite3_soci_error*>(&e)) {
      const auto code = lite->result() & 0xff;
      return code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH;
    }
    return false;
  }

  const database where_;
  const dialect& say_;
  const soci::backend_factory& backend_;
  std::optional<soci::session> session_;
  std::optional<statements> statements_;
  instant last_{};
  std::mutex mutex_;
  int socket_ = -1; ///< PostgreSQL's, guarded by the mutex.
};

} // namespace

std::unique_ptr<log> make_sql_log(const database& where) {
  return std::make_unique<sql_log>(where);
}

} // namespace hubbub
