#include "storage/statements.hpp"

#include "storage/instant.hpp"
#include "storage/make_statement.hpp"

#include <boost/uuid/string_generator.hpp>

#include <algorithm>

namespace hubbub {

namespace {

/// The old chat's SQLite file took any text here. Such a row is shown, its sender is nobody.
uuid read_uuid(const std::string& text) {
  try {
    return boost::uuids::string_generator()(text);
  } catch (const std::runtime_error&) {
    return {};
  }
}

} // namespace

statements::statements(soci::session& sql, const dialect& say, const log_table& of, bool named)
    : sql_(sql), say_(say),
      how_(named ? soci::details::st_repeatable_query : soci::details::st_one_time_query),
      insert_(insertion(sql, of)),
      with_keys_(select(sql, say.row + say.by_key, soci::use(rows_, "rows"))),
      with_numbers_(select(sql, say.row + say.by_try, soci::use(rows_, "rows"))),
      after_(select(
          sql, say.row + " where m.id > :cursor and m.id <= :last order by m.id limit :limit",
          soci::use(cursor_, "cursor"), soci::use(last_, "last"), soci::use(limit_, "limit"))),
      after_in_room_(select(sql, say.row + say.newer, soci::use(room_, "room"),
                            soci::use(cursor_, "cursor"), soci::use(limit_, "limit"))),
      before_in_room_(select(sql, say.row + say.older, soci::use(room_, "room"),
                             soci::use(cursor_, "cursor"), soci::use(limit_, "limit"))),
      newest_(select(sql, say.row + say.newest, soci::use(rooms_given_, "rooms"),
                     soci::use(cursor_, "cursor"), soci::use(limit_, "limit"))) {}

template<class... Uses>
soci::statement statements::select(soci::session& sql, const std::string& text, Uses... uses) {
  return make_statement(sql, how_, text, std::move(uses)..., soci::into(ids_), soci::into(rooms_),
                        soci::into(texts_), soci::into(connections_), soci::into(numbers_),
                        soci::into(times_), soci::into(keys_), soci::into(names_));
}

soci::statement statements::insertion(soci::session& sql, const log_table& of) {
  auto text = of.interferes ? say_.insert_verified : say_.insert;
  const auto replace = [&text](std::string_view what, const std::string& with) {
    if (const auto at = text.find(what); at != text.npos)
      text.replace(at, what.size(), with);
  };
  replace("@table", std::to_string(of.id));
  replace("@others", of.flagged ? say_.interferes : say_.flagged);
  return of.interferes
             ? make_statement(sql, how_, text, soci::use(rows_, "rows"), soci::use(now_, "now"))
             : make_statement(sql, how_, text, soci::use(rows_, "rows"), soci::use(now_, "now"),
                              soci::into(ids_));
}

log_table statements::inspect_table(soci::session& sql, const dialect& say) {
  log_table out;
  sql << say.table, soci::into(out.log), soci::into(out.id), soci::into(out.interferes),
      soci::into(out.flagged);
  return out;
}

void statements::execute_all(soci::session& sql, const std::string& texts) {
  for (std::size_t from = 0; from < texts.size();) {
    const auto to = std::min(texts.find("; ", from), texts.size());
    sql << texts.substr(from, to - from);
    from = to + 2;
  }
}

std::vector<row_id> statements::insert(std::string rows, std::size_t count, std::string now) {
  rows_ = std::move(rows);
  now_ = std::move(now);
  ids_.resize(count + 1); // with room for one more, or SQLite's backend reads nothing at 1
  if (!insert_.execute(true))
    return {};
  return {ids_.begin(), ids_.end()};
}

std::vector<message> statements::insert_verified(std::string rows, std::size_t count,
                                                 std::string now) {
  rows_ = std::move(rows);
  now_ = std::move(now);
  insert_.execute(true);
  if (!say_.settle.empty())
    sql_ << say_.settle;
  auto stored = fetch(with_numbers_, count);
  row_id newest = 0;
  for (const auto& row : stored)
    newest = std::max(newest, row.id);
  if (const long long id = newest; !say_.tell.empty())
    sql_ << say_.tell, soci::use(id, "id");
  return stored;
}

std::vector<message> statements::with_keys(std::string rows, std::size_t count) {
  rows_ = std::move(rows);
  return fetch(with_keys_, count);
}

std::vector<message> statements::with_numbers(std::string rows, std::size_t count) {
  rows_ = std::move(rows);
  return fetch(with_numbers_, count);
}

std::vector<message> statements::after(row_id cursor, row_id last, int limit) {
  last_ = last;
  return page(after_, {}, cursor, limit);
}

std::vector<message> statements::after(const std::string& room, row_id cursor, int limit) {
  return page(after_in_room_, room, cursor, limit);
}

std::vector<message> statements::before(const std::string& room, row_id bound, int limit) {
  return page(before_in_room_, room, bound, limit);
}

std::vector<message> statements::newest(std::string rooms, std::size_t count, row_id bound,
                                        int limit) {
  rooms_given_ = std::move(rooms);
  cursor_ = bound;
  limit_ = limit;
  return fetch(newest_, count * std::size_t(limit));
}

std::vector<message> statements::page(soci::statement& which, const std::string& room,
                                      row_id cursor, int limit) {
  room_ = room;
  cursor_ = cursor;
  limit_ = limit;
  return fetch(which, std::size_t(limit));
}

std::vector<message> statements::fetch(soci::statement& which, std::size_t at_most) {
  const auto resize = [this](auto n) {
    ids_.resize(n), rooms_.resize(n), texts_.resize(n), connections_.resize(n), numbers_.resize(n),
        times_.resize(n), keys_.resize(n), names_.resize(n);
  };
  resize(at_most + 1);
  if (!which.execute(true))
    resize(0);
  std::vector<message> out(ids_.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = {
        ids_[i],     std::move(rooms_[i]),     std::move(texts_[i]), read_uuid(connections_[i]),
        numbers_[i], parse_instant(times_[i]), std::move(keys_[i]),  std::move(names_[i])};
  return out;
}

} // namespace hubbub
