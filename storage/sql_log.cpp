#include "storage/sql_log.hpp"

#include "storage/instant.hpp"
#include "storage/postgres_session.hpp"
#include "storage/schema.hpp"
#include "storage/statements.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <libpq-fe.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <type_traits>
#include <unordered_map>

namespace hubbub {

namespace {

using namespace std::string_literals;

class sql_log : public log {
public:
  sql_log(const database& where, server_heard heard)
      : where_(where), heard_(std::move(heard)),
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

  void interrupt() override {
    const std::lock_guard guard(mutex_);
    interrupted_ = true;
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
      socket_ = PQsocket(server());
    }
    pooled_ = where_.kind == database_kind::postgresql && behind_pooler();
    if (!pooled_)
      statements::run(*session_, say_.connected);
    if (heard_ && where_.kind == database_kind::postgresql)
      heard_(server_of(server()));
    return *session_;
  }

  /// Which has told another process than the one that answers, or is known by the settings.
  bool behind_pooler() {
    if (!where_.listen.empty())
      return true;
    int process = 0;
    *session_ << "select pg_backend_pid()", soci::into(process);
    return process != PQbackendPID(server());
  }

  PGconn* server() {
    return static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_;
  }

  statements& prepared() {
    auto& session = connected();
    if (!statements_)
      statements_.emplace(session, say_, !pooled_);
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
    const bool look = std::any_of(drafts.begin(), drafts.end(),
                                  [](const draft& d) { return d.tried_as != 0 || !d.key.empty(); });
    const bool transaction = look || pooled_ || !say_.lone_insert;
    if (transaction)
      statements::run(*session_, pooled_ ? say_.pooled_begin : say_.begin);
    last_ = std::max(
        last_, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
    appended result{last_, std::vector<receipt>(drafts.size())};
    owned_.assign(drafts.size(), false);
    if (look)
      find(run, drafts, result.receipts);
    insert(run, drafts, result.receipts);
    if (transaction)
      *session_ << "commit";
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      auto& count = drafts[i].from->stored;
      if (owned_[i])
        count = std::max(count.load(), result.receipts[i].number);
    }
    return result;
  }

  /// Fills the receipts of drafts that are in the log already. owned_ tells which of those rows are
  /// their own author's, for only those move its counter.
  void find(statements& run, std::span<draft> drafts, std::vector<receipt>& receipts) {
    std::unordered_map<std::string, message> by_key;
    std::map<std::pair<uuid, int>, message> by_try;
    const auto batch = [&](auto wanted) {
      auto rows = nlohmann::json::array();
      for (const auto& d : drafts)
        if (wanted(d))
          rows.push_back({{"c", to_string(d.from->id)}, {"n", d.tried_as}, {"k", d.key}});
      return rows;
    };
    if (const auto rows = batch([](const draft& d) { return !d.key.empty(); }); !rows.empty())
      for (auto& m : run.with_keys(rows.dump(), rows.size()))
        by_key.emplace(m.key, std::move(m));
    if (const auto rows = batch([](const draft& d) { return d.key.empty() && d.tried_as; });
        !rows.empty())
      for (auto& m : run.with_numbers(rows.dump(), rows.size()))
        by_try.emplace(std::pair{m.connection_id, m.user_message_number}, std::move(m));
    const auto look_up = [](const auto& map, const auto& key) {
      const auto at = map.find(key);
      return at == map.end() ? nullptr : &at->second;
    };
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      const auto& d = drafts[i];
      const auto* row = d.key.empty() ? look_up(by_try, std::pair{d.from->id, int(d.tried_as)})
                                      : look_up(by_key, d.key);
      if (!row)
        continue;
      receipts[i] = {row->id, row->user_message_number, true};
      owned_[i] = row->connection_id == d.from->id;
    }
  }

  void insert(statements& run, std::span<draft> drafts, std::vector<receipt>& receipts) {
    std::unordered_map<const author*, std::int32_t> numbers;
    for (std::size_t i = 0; i < drafts.size(); ++i)
      if (receipts[i].found && owned_[i]) {
        auto& last =
            numbers.try_emplace(drafts[i].from.get(), drafts[i].from->stored).first->second;
        last = std::max(last, receipts[i].number);
      }
    std::unordered_map<std::string_view, std::size_t> keys;
    std::vector<std::size_t> fresh;
    std::vector<std::pair<std::size_t, std::size_t>> twins; // a key twice in one batch
    std::string rows = "[";
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      auto& d = drafts[i];
      if (receipts[i].found)
        continue;
      if (!d.key.empty())
        if (const auto [at, first] = keys.emplace(d.key, i); !first) {
          twins.emplace_back(i, at->second);
          continue;
        }
      const auto number = ++numbers.try_emplace(d.from.get(), d.from->stored).first->second;
      d.tried_as = receipts[i].number = number;
      owned_[i] = true;
      rows += (fresh.empty() ? "{\"o\":" : ",{\"o\":") + std::to_string(fresh.size()) +
              ",\"r\":" + nlohmann::json(d.room).dump() +
              ",\"t\":" + nlohmann::json(d.text).dump() + ",\"c\":\"" + to_string(d.from->id) +
              "\",\"n\":" + std::to_string(number) +
              ",\"k\":" + (d.key.empty() ? "null"s : nlohmann::json(d.key).dump()) +
              (d.from->name.empty() ? ""s : ",\"a\":" + nlohmann::json(d.from->name).dump()) + '}';
      fresh.push_back(i);
    }
    rows += ']';
    if (!fresh.empty()) {
      const auto ids = run.insert(std::move(rows), fresh.size(), to_sql(last_));
      if (ids.size() != fresh.size())
        throw std::runtime_error("the database gave " + std::to_string(ids.size()) + " ids for " +
                                 std::to_string(fresh.size()) + " rows");
      for (std::size_t i = 0; i < fresh.size(); ++i)
        receipts[fresh[i]].id = ids[i];
    }
    for (const auto& [second, first] : twins)
      receipts[second] = {receipts[first].id, receipts[first].number, true};
  }

  /// Runs one act on the database and turns what it throws into the port's two errors.
  template<class Act>
  auto guarded(Act act) -> decltype(act()) {
    {
      const std::lock_guard guard(mutex_);
      interrupted_ = false;
    }
    try {
      return act();
    } catch (const nlohmann::json::exception& e) {
      disconnect();
      throw log_refusal(e.what());
    } catch (const std::exception& e) {
      const bool refused = is_refusal(e);
      if (timed_out(e) && rolled_back())
        throw log_unavailable("a statement waited for somebody's lock, or for a commit that waits "
                              "for its standby, until PostgreSQL ended it");
      disconnect();
      if (refused)
        throw log_refusal(first_line(e.what()));
      throw log_unavailable(first_line(e.what()));
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
    return !interrupted_ && socket_ >= 0 && PQstatus(server()) == CONNECTION_BAD;
  }

  static bool timed_out(const std::exception& e) {
    const auto* pg = dynamic_cast<const soci::postgresql_soci_error*>(&e);
    return pg && (pg->sqlstate() == "57014" || pg->sqlstate() == "55P03");
  }

  /// Keeps the session, so that no new one comes before the server has taken the old one down.
  bool rolled_back() {
    try {
      if (PQtransactionStatus(server()) != PQTRANS_IDLE)
        *session_ << "rollback";
      statements_.reset();
      return true;
    } catch (const std::exception&) {
      return false;
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
  const server_heard heard_;
  const dialect& say_;
  const soci::backend_factory& backend_;
  std::optional<soci::session> session_;
  std::optional<statements> statements_;
  instant last_{};
  bool pooled_ = false;     ///< The session is a pooler's: it keeps nothing over a transaction.
  std::vector<bool> owned_; ///< Of each draft: its row is its author's.
  std::mutex mutex_;
  int socket_ = -1; ///< PostgreSQL's, guarded by the mutex, as is interrupted_.
  bool interrupted_ = false;
};

} // namespace

std::unique_ptr<log> make_sql_log(const database& where, server_heard heard) {
  return std::make_unique<sql_log>(where, std::move(heard));
}

} // namespace hubbub
