#include "storage/message_search.hpp"

#include "storage/log.hpp"
#include "storage/make_statement.hpp"
#include "storage/search_statements.hpp"
#include "storage/search_words.hpp"
#include "storage/soci_backends.hpp"

#include <chrono>

namespace hubbub {

namespace {

namespace texts = search_statements;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds search_time{3};
constexpr auto too_long = "the search takes too long";

soci::details::statement_type type_of(bool named) {
  return named ? soci::details::st_repeatable_query : soci::details::st_one_time_query;
}

/// The ids that a statement returns. SOCI reads nothing into a vector of size 1 from SQLite.
struct found_ids {
  explicit found_ids(int limit) : size(std::size_t(limit) + 1), ids(size) {}

  bool execute(soci::statement& statement) {
    ids.resize(size);
    if (!statement.execute(true))
      ids.clear();
    return !ids.empty();
  }

  const std::size_t size;
  std::vector<long long> ids;
};

/// Reads block after block, so that the index never returns more rows at once than a block has,
/// although it knows no order. Blocks without rows of the room cost nothing.
std::vector<row_id> find_in_postgresql(soci::session& sql, bool named, const std::string& room,
                                       const std::string& words, row_id bound, int limit,
                                       clock::time_point until) {
  std::vector<row_id> out;
  std::string block;
  long long cursor = bound, previous = 0;
  int left = limit;
  found_ids found(limit);
  auto find =
      make_statement(sql, type_of(named), texts::find(database_kind::postgresql),
                     soci::use(words, "words"), soci::use(block, "block"), soci::use(room, "room"),
                     soci::use(cursor, "cursor"), soci::use(left, "limit"), soci::into(found.ids));
  auto step = make_statement(sql, type_of(named), texts::previous_id, soci::use(room, "room"),
                             soci::use(cursor, "cursor"), soci::into(previous));
  while (left > 0 && step.execute(true)) {
    if (clock::now() > until)
      throw search_failed(too_long);
    block = texts::block_query(room, previous);
    cursor = previous + 1;
    if (found.execute(find)) {
      out.insert(out.end(), found.ids.begin(), found.ids.end());
      left = limit - int(out.size());
    }
    cursor = previous / texts::block_size * texts::block_size;
  }
  return out;
}

/// Ends the statement of a SQLite session at a time.
class sqlite_deadline {
public:
  sqlite_deadline(soci::session& sql, clock::time_point until)
      : session_(sqlite(sql)), until_(until) {
    sqlite_api::sqlite3_progress_handler(
        session_, 10'000,
        [](void* self) { return int(static_cast<sqlite_deadline*>(self)->over()); }, this);
  }
  ~sqlite_deadline() { sqlite_api::sqlite3_progress_handler(session_, 0, nullptr, nullptr); }
  sqlite_deadline(const sqlite_deadline&) = delete;

  bool over() const { return clock::now() > until_; }

private:
  sqlite_api::sqlite3* const session_;
  const clock::time_point until_;
};

std::vector<row_id> find_in_sqlite(soci::session& sql, const std::string& room,
                                   const std::string& query, row_id bound, int limit,
                                   clock::time_point until) {
  const long long cursor = bound;
  found_ids found(limit);
  const sqlite_deadline deadline(sql, until);
  try {
    auto find =
        make_statement(sql, type_of(false), texts::find(database_kind::sqlite),
                       soci::use(query, "words"), soci::use(cursor, "cursor"),
                       soci::use(room, "room"), soci::use(limit, "limit"), soci::into(found.ids));
    found.execute(find);
  } catch (const soci::soci_error&) {
    if (deadline.over())
      throw search_failed(too_long);
    throw;
  }
  return {found.ids.begin(), found.ids.end()};
}

} // namespace

std::vector<row_id> find_messages(soci::session& sql, database_kind kind, bool named,
                                  const std::string& room, const std::string& text, row_id bound,
                                  int limit) {
  const auto words = split_words(text);
  if (words.empty())
    return {};
  int ready = 0;
  sql << texts::is_ready(kind), soci::into(ready);
  if (!ready)
    throw search_failed("the index for searches is not ready", true);
  const auto until = clock::now() + search_time;
  if (kind == database_kind::sqlite)
    return find_in_sqlite(sql, room, texts::room_query(room, words), bound, limit, until);
  std::string all;
  for (const auto& word : words)
    all += word + ' ';
  return find_in_postgresql(sql, named, room, all, bound, limit, until);
}

} // namespace hubbub
