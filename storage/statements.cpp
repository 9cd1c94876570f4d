#include "storage/statements.hpp"

#include "storage/fork_record.hpp"
#include "storage/instant.hpp"
#include "storage/make_statement.hpp"
#include "storage/sql_text.hpp"

#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace hubbub {

namespace {

/// Returns the nil UUID for other texts, which the SQLite file of the old chat may hold. Such a row
/// is shown with the nil UUID.
uuid read_uuid(const std::string& text) {
  try {
    return boost::uuids::string_generator()(text);
  } catch (const std::runtime_error&) {
    return {};
  }
}

/// Returns the profile of an author, from the columns as `dialect_parts::select_messages` selects
/// them.
author_profile read_profile(std::string name, std::string person) {
  constexpr std::string_view verified = "user-";
  const bool has_verified_name = !name.empty() && person.starts_with(verified);
  if (person == verified)
    person.clear();
  return {std::move(name), std::move(person), has_verified_name};
}

} // namespace

statements::statements(soci::session& sql, const dialect& texts, const log_table& table, bool named)
    : sql_(sql), dialect_(texts),
      type_(named ? soci::details::st_repeatable_query : soci::details::st_one_time_query),
      on_branch_(on_branch(table)), insert_(insertion(sql, table)),
      find_keys_(select(sql, texts.find_keys, soci::use(rows_, "rows"))),
      find_numbers_(select(sql, texts.find_numbers, soci::use(rows_, "rows"))),
      find_ids_(select(sql, texts.find_ids, soci::use(rows_, "rows"))),
      after_(select(sql, texts.after, soci::use(cursor_, "cursor"), soci::use(last_, "last"),
                    soci::use(limit_, "limit"), soci::use(data_limit_, "data_limit"))),
      after_in_room_(select(sql, texts.after_in_room, soci::use(room_, "room"),
                            soci::use(cursor_, "cursor"), soci::use(limit_, "limit"),
                            soci::use(data_limit_, "data_limit"))),
      before_in_room_(select(sql, texts.before_in_room, soci::use(room_, "room"),
                             soci::use(cursor_, "cursor"), soci::use(limit_, "limit"),
                             soci::use(data_limit_, "data_limit"))) {
  if (!texts.newest_in_rooms.empty())
    newest_in_rooms_.emplace(select(sql, texts.newest_in_rooms,
                                    soci::use(rooms_parameter_, "rooms"),
                                    soci::use(cursor_, "cursor"), soci::use(limit_, "limit"),
                                    soci::use(data_limit_, "data_limit")));
}

template<class... Uses>
soci::statement statements::select(soci::session& sql, const std::string& text, Uses... uses) {
  return make_statement(sql, type_, text, std::move(uses)..., soci::into(ids_), soci::into(rooms_),
                        soci::into(texts_), soci::into(connections_), soci::into(numbers_),
                        soci::into(times_), soci::into(keys_), soci::into(names_),
                        soci::into(persons_), soci::into(data_));
}

soci::statement statements::insertion(soci::session& sql, const log_table& table) {
  const auto with_ids = [&](const std::string& text) {
    const auto ids = table.id_floor
                         ? fill_sql(dialect_.next_ids, {{"floor", std::to_string(table.id_floor)}})
                         : std::string();
    return fill_sql(text, {{"id_column", table.id_floor ? "id, " : ""}, {"id_value", ids}});
  };
  if (table.interferes)
    return make_statement(sql, type_, with_ids(dialect_.insert_verified), soci::use(rows_, "rows"),
                          soci::use(now_, "now"));
  // If `may_interfere` was true but `interferes` was false, the insert checks `interferes`;
  // otherwise it checks the cheaper `may_interfere`.
  const auto& unexpected = table.may_interfere ? dialect_.interferes : dialect_.may_interfere;
  const auto text = fill_sql(with_ids(dialect_.insert), {{"table_id", std::to_string(table.id)},
                                                         {"unexpected", unexpected},
                                                         {"on_branch", on_branch_}});
  return make_statement(sql, type_, text, soci::use(rows_, "rows"), soci::use(now_, "now"),
                        soci::use(seen_, "seen"), soci::use(seen_author_, "seen_author"),
                        soci::use(seen_number_, "seen_number"), soci::into(ids_));
}

std::string statements::on_branch(const log_table& table) const {
  return fill_sql(dialect_.on_branch,
                  {{"forks", table.forks},
                   {"on_timeline", table.timeline.empty() ? "true" : dialect_.on_timeline},
                   {"timeline", table.timeline}});
}

inspected_log statements::inspect(soci::session& sql, const dialect& texts, const seen_row& seen,
                                  bool tells_timeline) {
  inspected_log out;
  auto& table = out.table;
  const auto text =
      fill_sql(texts.inspect_table, {{"system", tells_timeline ? texts.system : "''"},
                                     {"timeline", tells_timeline ? texts.timeline : "''"}});
  const long long seen_id = seen.id;
  const auto seen_author = to_string(seen.author_id);
  int has_seen_row = 1, gives_ids = 1;
  sql << text, soci::use(seen_id, "seen"), soci::use(seen_author, "seen_author"),
      soci::use(seen.number, "seen_number"), soci::into(table.log), soci::into(table.id),
      soci::into(table.interferes), soci::into(table.may_interfere), soci::into(table.forks),
      soci::into(out.server.system), soci::into(out.server.timeline), soci::into(has_seen_row),
      soci::into(gives_ids);
  out.has_seen_row = has_seen_row != 0;
  table.timeline = out.server.timeline;
  const auto forks = parse_forks(table.forks);
  out.damaged = !forks;
  if (!gives_ids && forks && !forks->empty())
    table.id_floor = forks->back().first - 1;
  return out;
}

void statements::bind(const seen_row& seen) {
  seen_ = seen.id;
  seen_author_ = to_string(seen.author_id);
  seen_number_ = seen.number;
}

bool statements::is_on_branch(const seen_row& seen) {
  bind(seen);
  int answer = 0;
  sql_ << "select case when " + on_branch_ + " then 1 else 0 end", soci::use(seen_, "seen"),
      soci::use(seen_author_, "seen_author"), soci::use(seen_number_, "seen_number"),
      soci::into(answer);
  return answer != 0;
}

void statements::execute_all(soci::session& sql, const std::vector<std::string>& texts) {
  for (const auto& text : texts)
    sql << text;
}

std::vector<row_id> statements::insert(std::string rows, std::size_t count, std::string now,
                                       const seen_row& seen) {
  rows_ = std::move(rows);
  now_ = std::move(now);
  bind(seen);
  ids_.resize(count + 1); // SOCI's SQLite backend reads nothing into a vector of size 1
  if (!insert_.execute(true))
    return {};
  return {ids_.begin(), ids_.end()};
}

std::vector<message> statements::insert_verified(std::string rows, std::size_t count,
                                                 std::string now) {
  rows_ = std::move(rows);
  now_ = std::move(now);
  insert_.execute(true);
  if (!dialect_.fire_triggers.empty())
    sql_ << dialect_.fire_triggers;
  auto stored = fetch(find_numbers_, count);
  row_id newest = 0;
  for (const auto& row : stored)
    newest = std::max(newest, row.id);
  if (const long long id = newest; !dialect_.notify.empty())
    sql_ << dialect_.notify, soci::use(id, "id");
  return stored;
}

std::vector<message> statements::with_keys(std::string rows, std::size_t count) {
  rows_ = std::move(rows);
  return fetch(find_keys_, count);
}

std::vector<message> statements::with_numbers(std::string rows, std::size_t count) {
  rows_ = std::move(rows);
  return fetch(find_numbers_, count);
}

std::vector<message> statements::fetch(soci::statement& statement, std::size_t at_most) {
  const auto resize = [this](auto n) {
    ids_.resize(n), rooms_.resize(n), texts_.resize(n), connections_.resize(n), numbers_.resize(n),
        times_.resize(n), keys_.resize(n), names_.resize(n), persons_.resize(n), data_.resize(n);
  };
  resize(at_most + 1);
  if (!statement.execute(true))
    resize(0);
  std::vector<message> out(ids_.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = {ids_[i],
              std::move(rooms_[i]),
              std::move(texts_[i]),
              read_uuid(connections_[i]),
              numbers_[i],
              parse_instant(times_[i]),
              std::move(keys_[i]),
              read_profile(std::move(names_[i]), std::move(persons_[i])),
              std::move(data_[i])};
  return out;
}

} // namespace hubbub
