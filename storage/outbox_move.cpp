#include "storage/outbox_move.hpp"

#include "storage/append_plan.hpp"
#include "storage/catalog.hpp"
#include "storage/make_statement.hpp"
#include "storage/newest_row.hpp"
#include "storage/outbox_statements.hpp"
#include "storage/room_name.hpp"
#include "storage/sql_text.hpp"

#include <boost/uuid/string_generator.hpp>

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

using namespace std::chrono_literals;
namespace outbox_sql = outbox_statements;

/// A search for rows before those that were moved is slow only while an open transaction keeps
/// PostgreSQL from removing the deleted rows. A slow one, which is done twice to measure it, is put
/// off for ten times its duration.
constexpr int search_share = 10;
constexpr std::chrono::microseconds quick_search = 20ms;

/// Returns why the row is no message, or null. `bytes`: of its data, which is absent if too long.
const char* fault_of(draft& d, std::size_t bytes, std::size_t max_data) {
  auto room = read_room_name(d.room);
  if (!room)
    return "bad_room";
  d.room = std::move(*room);
  if (bytes > max_data)
    return "too_long";
  if (d.text.empty() && d.data.empty())
    return "no_text";
  return nullptr;
}

} // namespace

void outbox_move::page::set_aside(row_id id, const char* why) {
  aside +=
      (rows_aside++ ? ",{\"id\":" : "{\"id\":") + std::to_string(id) + ",\"why\":\"" + why + "\"}";
}

outbox_progress outbox_move::run(const outbox_limits& most) {
  tried_ = {};
  known_usable_ = std::exchange(usable_, false); // an exception leaves it false
  if (session_.lineage().state().identity.empty())
    throw log_unavailable("the log is not open yet");
  outbox_progress out;
  session_.open();
  if (!session_.connection().is_pooled()) {
    if (!is_usable(out.why)) {
      out.state = outbox_progress::status::absent;
      return out;
    }
    if (most.expects_none && !is_true(session_.open(), outbox_sql::has_rows)) {
      usable_ = true;
      return out;
    }
  }
  return session_.with_current_table([&] { return try_run(most); });
}

outbox_progress outbox_move::failed(const std::string& why, bool unclear) {
  outbox_progress out;
  out.state = outbox_progress::status::refused;
  out.tried = tried_.ids.size();
  out.first = tried_.ids.empty() ? 0 : tried_.ids.front();
  out.unclear = unclear;
  out.why = why;
  return out;
}

bool outbox_move::is_usable(std::string& why) {
  if (known_usable_)
    return true;
  int rights = 0;
  session_.connection().open() << outbox_sql::outbox_rights, soci::into(rights);
  if (rights == 0)
    why = "the database has no outbox";
  if (rights == 1)
    why = "this role lacks rights on hubbub_outbox or hubbub_outbox_failed: hubbub doctor says "
          "which";
  known_usable_ = rights == 2;
  moved_ = 0;
  next_search_ = {};
  return known_usable_;
}

void outbox_move::begin() {
  auto& connection = session_.connection();
  const auto& dialect = session_.texts();
  statements::execute_all(connection.open(), connection.is_pooled()
                                                 ? dialect.pooled_begin_read
                                                 : std::vector<std::string>{"begin"});
  connection.open() << outbox_sql::use_index;
}

/// Stores nothing and returns nothing if the statements do not fit the table of the log.
std::optional<outbox_progress> outbox_move::try_run(const outbox_limits& most) {
  outbox_progress out;
  auto& connection = session_.connection();
  begin();
  const auto end = [&] {
    connection.open() << "commit";
    usable_ = known_usable_;
  };
  if (connection.is_pooled() && !is_usable(out.why)) {
    out.state = outbox_progress::status::absent;
    end();
    return out;
  }
  if (!is_true(connection.open(), outbox_sql::try_move_lock)) {
    out.state = outbox_progress::status::busy;
    end();
    return out;
  }
  auto& rows = tried_ = read(most);
  out.more = rows.more;
  out.look_again = rows.later;
  if (rows.all.empty()) {
    end();
    return out;
  }
  if (!rows.drafts.empty() && !store(rows, out))
    return {};
  remove(rows);
  out.aside = rows.rows_aside;
  end();
  if (!rows.drafts.empty() && session_.table().interferes)
    session_.forget_table(); // the triggers may be gone at the next move
  moved_ = std::max(moved_, rows.all.back());
  session_.saw(rows.newest);
  return out;
}

/// Puts the next search off if the search is slow. To read a page also searches, but the rows of
/// the page, a wait for a lock or a busy machine may be what has taken the time. The page cannot
/// begin after the search, because a row that is committed between the two would be shown too late.
void outbox_move::measure_search() {
  const auto began = clock::now();
  is_true(session_.connection().open(),
          fill_sql(outbox_sql::has_rows_up_to, {{"id", std::to_string(moved_)}}));
  const auto now = clock::now();
  if (const auto took = now - began; took > quick_search)
    next_search_ = now + search_share * took;
}

outbox_move::page outbox_move::read(const outbox_limits& most) {
  const auto began = clock::now();
  const bool everything = began >= next_search_;
  const long long after = everything ? 0 : moved_, limit = most.rows,
                  most_bytes = (long long)(most.bytes), max_data = (long long)(most.max_data);
  const int with_data = most.with_data;
  const auto room_for = std::size_t(most.rows) + 1;
  std::vector<long long> ids(room_for);
  std::vector<int> bytes(room_for);
  std::vector<std::string> rooms(room_for), texts(room_for), data(room_for), keys(room_for),
      connections(room_for);
  auto select = make_statement(
      session_.connection().open(), soci::details::st_one_time_query, outbox_sql::select_page,
      soci::use(max_data, "max_data"), soci::use(after, "after"), soci::use(with_data, "with_data"),
      soci::use(limit, "rows"), soci::use(most_bytes, "bytes"), soci::into(ids), soci::into(rooms),
      soci::into(texts), soci::into(data), soci::into(bytes), soci::into(keys),
      soci::into(connections));
  if (!select.execute(true))
    ids.clear();
  page out;
  if (everything && clock::now() - began > quick_search)
    measure_search();
  if (clock::now() < next_search_)
    out.later = std::chrono::ceil<std::chrono::milliseconds>(next_search_ - clock::now());
  std::size_t total = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out.all.push_back(ids[i]);
    total += texts[i].size() + std::size_t(bytes[i]);
    const auto id = boost::uuids::string_generator()(connections[i]);
    draft d{std::make_shared<author>(id),
            std::move(rooms[i]),
            std::move(texts[i]),
            std::move(keys[i]),
            0,
            {},
            std::move(data[i])};
    const auto* fault = fault_of(d, std::size_t(bytes[i]), most.max_data);
    if (ids[i] == most.unstorable)
      fault = "unstorable";
    if (fault) {
      out.set_aside(ids[i], fault);
      continue;
    }
    out.drafts.push_back(std::move(d));
    out.ids.push_back(ids[i]);
  }
  out.more = ids.size() == std::size_t(most.rows) || total >= most.bytes;
  return out;
}

/// Stores the drafts under the append lock, as sql_log::append does, and sets those with the key of
/// another message aside. Returns false, and has stored nothing, if the statements do not fit the
/// table of the log.
bool outbox_move::store(page& rows, outbox_progress& out) {
  auto& run = session_.prepared();
  session_.connection().open() << session_.texts().begin_append.back();
  const auto seen = session_.lineage().newest_seen();
  const auto now = clock_();
  append_plan plan(rows.drafts, session_.table().interferes);
  if (!plan.store(run, seen, now))
    return false;
  const auto done = plan.finish(now);
  rows.newest = newest_of(done.receipts);
  out.newest = rows.newest.id;
  for (std::size_t i = 0; i < done.receipts.size(); ++i)
    switch (done.receipts[i].result) {
    case append_result::stored:
      ++out.stored;
      break;
    case append_result::found:
      ++out.repeated;
      break;
    case append_result::key_conflict:
    case append_result::unit_conflict: // no draft of the outbox belongs to a unit
      rows.set_aside(rows.ids[i], "key_conflict");
      break;
    }
  return true;
}

/// Deletes the rows from the outbox, and keeps those that were set aside in the other table.
void outbox_move::remove(const page& rows) {
  std::string ids = "{";
  for (const auto id : rows.all)
    ids += (ids.size() > 1 ? "," : "") + std::to_string(id);
  ids += '}';
  const auto failed = '[' + rows.aside + ']';
  const long long first = rows.all.front(), last = rows.all.back();
  long long deleted = 0;
  auto& sql = session_.connection().open();
  sql << outbox_sql::delete_rows, soci::use(first, "first"), soci::use(last, "last"),
      soci::use(ids, "ids"), soci::use(failed, "failed"), soci::into(deleted);
  if (deleted != std::ssize(rows.all))
    throw log_unavailable("another program changes hubbub_outbox at this moment");
  if (rows.rows_aside)
    sql << outbox_sql::trim_failed;
}

} // namespace hubbub
