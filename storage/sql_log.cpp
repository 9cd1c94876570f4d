#include "storage/sql_log.hpp"

#include "storage/dialect.hpp"
#include "storage/instant.hpp"
#include "storage/schema.hpp"

#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

namespace hubbub {

namespace {

using namespace std::string_literals;

/// The columns of a result, one vector each, as SOCI fills them.
struct columns {
  std::vector<long long> ids{0};
  std::vector<std::string> rooms{""}, texts{""}, connections{""}, times{""}, keys{""};
  std::vector<int> numbers{0};

  void resize(std::size_t n) {
    ids.resize(n), rooms.resize(n), texts.resize(n), connections.resize(n), times.resize(n),
        keys.resize(n), numbers.resize(n);
  }

  std::vector<message> take() {
    std::vector<message> out(ids.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      uuid who{};
      try {
        who = boost::uuids::string_generator()(connections[i]);
      } catch (const std::runtime_error&) {
        // The old chat's SQLite file took any text here. Its row is shown, its sender is nobody.
      }
      out[i] = {ids[i],     std::move(rooms[i]),     std::move(texts[i]), who,
                numbers[i], parse_instant(times[i]), std::move(keys[i])};
    }
    return out;
  }
};

/// One session and the statements prepared on it. After an error all of it is dropped at once:
/// SOCI's own ways to reconnect crash on statements of the lost session.
struct connection {
  connection(const soci::backend_factory& backend, const database& where, const dialect& say)
      : sql(backend, where.connect) {
    run(say.connected);
    insert.emplace((sql.prepare << say.insert, soci::use(rows, "rows"), soci::use(now, "now"),
                    soci::into(ids)));
    by_key.emplace(select(say.row + say.by_key, soci::use(rows, "rows")));
    by_try.emplace(select(say.row + say.by_try, soci::use(rows, "rows")));
    after_all.emplace((select(say.row + " where m.id > :cursor order by m.id limit :limit",
                              soci::use(cursor, "cursor"), soci::use(limit, "limit"))));
    after_room.emplace(
        select(say.row + " where m.room = :room and m.id > :cursor order by m.id limit :limit",
               soci::use(room, "room"), soci::use(cursor, "cursor"), soci::use(limit, "limit")));
    before_room.emplace(
        select(say.row + " where m.room = :room and m.id < :cursor order by m.id desc limit :limit",
               soci::use(room, "room"), soci::use(cursor, "cursor"), soci::use(limit, "limit")));
  }

  template<class... Uses>
  soci::details::prepare_temp_type select(const std::string& text, Uses... uses) {
    auto prepared = (sql.prepare << text);
    (void)(prepared, ..., std::move(uses));
    (void)(prepared, soci::into(found.ids), soci::into(found.rooms), soci::into(found.texts),
           soci::into(found.connections), soci::into(found.numbers), soci::into(found.times),
           soci::into(found.keys));
    return prepared;
  }

  /// Several statements, separated by `;`, none with results that matter.
  void run(const std::string& statements) {
    for (std::size_t from = 0; from < statements.size();) {
      const auto to = std::min(statements.find("; ", from), statements.size());
      sql << statements.substr(from, to - from);
      from = to + 2;
    }
  }

  std::vector<message> fetch(soci::statement& statement, std::size_t at_most) {
    found.resize(at_most + 1); // with room for one more, or SQLite's backend reads nothing at 1
    if (!statement.execute(true))
      found.resize(0);
    return found.take();
  }

  soci::session sql;
  std::string rows, now, room;
  long long cursor = 0;
  int limit = 0;
  std::vector<long long> ids{0};
  columns found;
  std::optional<soci::statement> insert, by_key, by_try, after_all, after_room, before_room;
};

class sql_log : public log {
public:
  explicit sql_log(const database& where)
      : where_(where),
        say_(where.kind == database_kind::sqlite ? sqlite_dialect : postgresql_dialect),
        backend_(where.kind == database_kind::sqlite
                     ? static_cast<const soci::backend_factory&>(*soci::factory_sqlite3())
                     : *soci::factory_postgresql()) {}

  std::string open() override {
    return guarded([&] {
      // Statements name the tables, so the tables come first, on a session of their own.
      soci::session sql(backend_, where_.connect);
      return prepare_schema(sql, where_.kind);
    });
  }

  appended append(std::span<draft> drafts) override {
    return guarded([&] { return append(use_connection(), drafts); });
  }

  std::vector<message> after(row_id cursor, int limit) override {
    return page(&connection::after_all, {}, cursor, limit);
  }

  std::vector<message> after(const std::string& room, row_id cursor, int limit) override {
    return page(&connection::after_room, room, cursor, limit);
  }

  std::vector<message> before(const std::string& room, row_id bound, int limit) override {
    auto rows = page(&connection::before_room, room, bound, limit);
    std::reverse(rows.begin(), rows.end());
    return rows;
  }

  row_id newest() override {
    return guarded([&] {
      long long id = 0;
      use_connection().sql << "select coalesce(max(id), 0) from messages", soci::into(id);
      return row_id{id};
    });
  }

  void check() override {
    guarded([&] {
      int one = 0;
      use_connection().sql << "select 1", soci::into(one);
      return one;
    });
  }

private:
  connection& use_connection() {
    if (!connection_)
      connection_ = std::make_unique<connection>(backend_, where_, say_);
    return *connection_;
  }

  std::vector<message> page(std::optional<soci::statement> connection::*which,
                            const std::string& room, row_id cursor, int limit) {
    return guarded([&] {
      auto& c = use_connection();
      c.room = room;
      c.cursor = cursor;
      c.limit = limit;
      return c.fetch(*(c.*which), std::size_t(limit));
    });
  }

  /// Lookup and insert see one state of the table, because all who append hold the same lock, and
  /// each statement after it takes a snapshot of its own.
  appended append(connection& c, std::span<draft> drafts) {
    const bool look = std::any_of(drafts.begin(), drafts.end(),
                                  [](const draft& d) { return d.tried_as != 0 || !d.key.empty(); });
    const bool transaction = look || !say_.lone_insert;
    if (transaction)
      c.run(say_.begin);
    last_ = std::max(
        last_, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
    appended result{last_, std::vector<receipt>(drafts.size())};
    owned_.assign(drafts.size(), false);
    if (look)
      find(c, drafts, result.receipts);
    insert(c, drafts, result.receipts);
    if (transaction)
      c.sql << "commit";
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      auto& count = drafts[i].from->stored;
      if (owned_[i])
        count = std::max(count.load(), result.receipts[i].number);
    }
    return result;
  }

  /// Fills the receipts of drafts that are in the log already. owned_ tells which of those rows are
  /// their own author's, for only those move its counter.
  void find(connection& c, std::span<draft> drafts, std::vector<receipt>& receipts) {
    std::unordered_map<std::string, message> by_key;
    std::map<std::pair<uuid, int>, message> by_try;
    const auto ask = [&](auto wanted, soci::statement& statement, auto keep) {
      nlohmann::json rows = nlohmann::json::array();
      for (const auto& d : drafts)
        if (wanted(d))
          rows.push_back({{"c", to_string(d.from->id)}, {"n", d.tried_as}, {"k", d.key}});
      if (rows.empty())
        return;
      c.rows = rows.dump();
      for (auto& m : c.fetch(statement, rows.size()))
        keep(std::move(m));
    };
    ask([](const draft& d) { return !d.key.empty(); }, *c.by_key,
        [&](message m) { by_key.emplace(m.key, std::move(m)); });
    ask([](const draft& d) { return d.key.empty() && d.tried_as; }, *c.by_try,
        [&](message m) {
          by_try.emplace(std::pair{m.connection_id, m.user_message_number}, std::move(m));
        });
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

  void insert(connection& c, std::span<draft> drafts, std::vector<receipt>& receipts) {
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
    c.rows = "[";
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
      c.rows += (fresh.empty() ? "{\"o\":" : ",{\"o\":") + std::to_string(fresh.size()) +
                ",\"r\":" + nlohmann::json(d.room).dump() +
                ",\"t\":" + nlohmann::json(d.text).dump() + ",\"c\":\"" + to_string(d.from->id) +
                "\",\"n\":" + std::to_string(number) +
                ",\"k\":" + (d.key.empty() ? "null"s : nlohmann::json(d.key).dump()) + '}';
      fresh.push_back(i);
    }
    c.rows += ']';
    if (!fresh.empty()) {
      c.now = to_sql(last_);
      c.ids.resize(fresh.size() + 1);
      c.insert->execute(true);
      if (c.ids.size() != fresh.size())
        throw std::runtime_error("the database gave " + std::to_string(c.ids.size()) + " ids for " +
                                 std::to_string(fresh.size()) + " rows");
      for (std::size_t i = 0; i < fresh.size(); ++i)
        receipts[fresh[i]].id = c.ids[i];
    }
    for (const auto& [second, first] : twins)
      receipts[second] = {receipts[first].id, receipts[first].number, true};
  }

  /// Runs one act on the database and turns what it throws into the port's two errors.
  template<class Act>
  auto guarded(Act act) -> decltype(act()) {
    try {
      return act();
    } catch (const nlohmann::json::exception& e) {
      connection_.reset();
      throw log_refusal(e.what());
    } catch (const std::exception& e) {
      const bool refused = is_refusal(e);
      connection_.reset();
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
  std::unique_ptr<connection> connection_;
  instant last_{};
  std::vector<bool> owned_;
};

} // namespace

std::unique_ptr<log> make_sql_log(const database& where) {
  return std::make_unique<sql_log>(where);
}

} // namespace hubbub
