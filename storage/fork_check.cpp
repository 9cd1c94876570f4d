#include "storage/fork_check.hpp"

#include "storage/ascii_lowercase.hpp"
#include "storage/fork_record.hpp"
#include "storage/sql_text.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>

namespace hubbub {

namespace {

// -- both databases -------------------------------------------------------------------------------

constexpr auto select_meta = R"(
select coalesce(max(value), '') from hubbub_meta where name = :name)";

constexpr auto has_meta = "select count(*) from hubbub_meta where name = :name";

constexpr auto insert_meta = "insert into hubbub_meta (name, value) values (:name, :value)";

constexpr auto update_meta = "update hubbub_meta set value = :value where name = :name";

constexpr auto select_row = R"(
select m.id, {connection_text}, m.user_message_number from messages m
where {condition} order by m.id desc limit 1)";

// -- PostgreSQL -----------------------------------------------------------------------------------

constexpr auto may_change_meta = R"(
select cast(has_table_privilege('hubbub_meta', :how) as int))";

constexpr auto select_sequence = "select coalesce(pg_get_serial_sequence('messages', 'id'), '')";

constexpr auto may_move_sequence = R"(
select cast(has_sequence_privilege(:sequence, 'select')
  and has_sequence_privilege(:sequence, 'update') as int))";

constexpr auto move_sequence = R"(
select setval(cast(:sequence as regclass), :last) from {sequence} where last_value < :last)";

// -- SQLite ---------------------------------------------------------------------------------------

constexpr auto has_sqlite_sequence = R"(
select count(*) from sqlite_master where name = 'messages' collate nocase
  and sql like '%autoincrement%')";

constexpr auto move_sqlite_sequence = R"(
update sqlite_sequence set seq = :last where name = 'messages' collate nocase and seq < :last)";

constexpr auto create_sqlite_sequence = R"(
insert into sqlite_sequence (name, seq) select 'messages', :last
where not exists (select 1 from sqlite_sequence where name = 'messages' collate nocase))";

// -- the steps ------------------------------------------------------------------------------------

std::string meta(soci::session& sql, const std::string& name) {
  std::string value;
  sql << select_meta, soci::use(name, "name"), soci::into(value);
  return value;
}

bool has(soci::session& sql, const std::string& name) {
  int count = 0;
  sql << has_meta, soci::use(name, "name"), soci::into(count);
  return count != 0;
}

/// An upsert would need both rights, and a role may have only that to update.
void set_meta(soci::session& sql, const std::string& name, const std::string& value) {
  sql << (has(sql, name) ? update_meta : insert_meta), soci::use(name, "name"),
      soci::use(value, "value");
}

bool may_set_meta(soci::session& sql, database_kind kind, const std::string& name) {
  if (kind == database_kind::sqlite)
    return true;
  const std::string how = has(sql, name) ? "update" : "insert";
  int allowed = 0;
  sql << may_change_meta, soci::use(how, "how"), soci::into(allowed);
  return allowed != 0;
}

/// Returns the newest row that meets the condition; id 0 if there is none.
seen_row newest_row(soci::session& sql, database_kind kind, const std::string& condition) {
  const bool sqlite = kind == database_kind::sqlite;
  long long id = 0;
  std::string author;
  int number = 0;
  sql << fill_sql(select_row, {{"connection_text",
                                sqlite ? "m.connection_id" : "cast(m.connection_id as text)"},
                               {"condition", condition}}),
      soci::into(id), soci::into(author), soci::into(number);
  if (!sql.got_data())
    return {};
  seen_row out{id, {}, number};
  try {
    out.author_id = boost::uuids::string_generator()(author);
  } catch (const std::runtime_error&) {
    // A row of the old chat, which is shown with the nil UUID.
  }
  return out;
}

/// Lets the next id be over `last`, if it is not already. A role without the right to move ids can
/// follow a fork, which the role that made it has moved them for, but make none (`required`).
void move_ids(soci::session& sql, database_kind kind, row_id last, bool required) {
  const long long id = last;
  if (kind == database_kind::sqlite) {
    int automatic = 0;
    sql << has_sqlite_sequence, soci::into(automatic);
    if (!automatic)
      return; // the insert itself begins after the last fork; see dialect::insert
    sql << move_sqlite_sequence, soci::use(id, "last");
    sql << create_sqlite_sequence, soci::use(id, "last");
    return;
  }
  std::string sequence;
  sql << select_sequence, soci::into(sequence);
  if (sequence.empty() && !required)
    return;
  if (sequence.empty())
    throw std::runtime_error(
        "the log has lost rows, and its ids have no sequence of their own that could go on: the "
        "column id of messages has to be an identity, or to own its sequence");
  int allowed = 0;
  sql << may_move_sequence, soci::use(sequence, "sequence"), soci::into(allowed);
  if (allowed || required)
    sql << fill_sql(move_sequence, {{"sequence", sequence}}), soci::use(sequence, "sequence"),
        soci::use(id, "last");
}

/// Returns where the ids go on after a fork. The random part keeps two restores of one backup from
/// giving one id to two messages.
row_id first_after(row_id last) {
  std::random_device random;
  const auto first = last + fork_distance + row_id(random() & 0x7fffffffu) + 1;
  if (first > max_id - fork_distance)
    throw std::runtime_error("the log has lost rows too often: its ids are used up");
  return first;
}

/// Returns the number of promotions between the recorded timeline and the server's. Each of them
/// may have made a fork whose record is lost too.
row_id promotions_between(const std::string& recorded, const server_timeline& server) {
  constexpr row_id most = 1000; // an operator may have changed the record
  const auto system = server.system + '/';
  if (!server.known() || !recorded.starts_with(system))
    return 0;
  std::uint32_t before = 0, now = 0;
  const auto read = [](std::string_view digits, std::uint32_t& out) {
    std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  };
  read(std::string_view(recorded).substr(system.size()), before);
  read(server.timeline, now);
  return std::clamp(row_id{now} - row_id{before} - 1, row_id{0}, most);
}

row_id last_first(const std::vector<log_fork>& forks) {
  return forks.empty() ? 0 : forks.back().first;
}

/// Returns whether a fork that was not known before has this id in its range.
bool is_explained(row_id id, const std::vector<log_fork>& now, row_id known) {
  return std::any_of(now.begin(), now.end(), [&](const log_fork& f) {
    return f.first > known && f.after < id && id < f.first;
  });
}

std::string text_of(const server_timeline& server) {
  return server.known() ? server.system + '/' + server.timeline : std::string();
}

/// Gives the log another identity, because it is unclear which rows survived.
checked_log begin_another_log(soci::session& sql, log_state now, const std::string& why) {
  now.identity = to_string(boost::uuids::random_generator()());
  now.fork_record.clear();
  now.forks.clear();
  set_meta(sql, "log", now.identity);
  set_meta(sql, "forks", {});
  return {std::move(now), why};
}

} // namespace

checked_log check_forks(soci::session& sql, database_kind kind, const server_timeline& server,
                        const log_state& before, fork_cause cause) {
  log_state now;
  now.identity = to_ascii_lowercase(meta(sql, "log"));
  now.fork_record = meta(sql, "forks");
  now.server = server;
  now.newest = newest_row(sql, kind, "true");
  const auto recorded = meta(sql, "timeline"), timeline = text_of(server);
  const bool moved = !timeline.empty() && timeline != recorded;
  // Without the right to record a timeline the hub works as if the server did not tell it.
  if (moved && (!recorded.empty() || may_set_meta(sql, kind, "timeline")))
    set_meta(sql, "timeline", timeline);

  auto forks = parse_forks(now.fork_record);
  if (!forks)
    return begin_another_log(
        sql, std::move(now),
        "the record of the log's forks was damaged, so the log has another UUID, "
        "and every client starts again with the history");
  now.forks = std::move(*forks);
  const auto recorded_first = last_first(now.forks);

  const bool same_log = before.identity == now.identity;
  const auto seen = same_log ? before.newest : seen_row{};
  const auto known_first = same_log ? last_first(before.forks) : row_id{0};
  const bool explained = seen.id && is_explained(seen.id, now.forks, known_first);
  if (seen.id && !explained && seen.id <= now.newest.id &&
      newest_row(sql, kind, "m.id = " + std::to_string(seen.id)) != seen)
    return begin_another_log(sql, std::move(now),
                             "the message that this hub has seen last is gone or another one, and "
                             "there are newer ones: the log has another UUID, and every client "
                             "starts again with the history");
  // A hub that may not record the timeline still knows the one that it has seen.
  const bool moved_unrecorded = same_log && recorded.empty() && server.known() &&
                                before.server.known() && before.server != server &&
                                known_first == recorded_first;
  const bool lost = (seen.id > now.newest.id && !explained) || known_first > recorded_first ||
                    (moved && !recorded.empty()) || moved_unrecorded ||
                    cause == fork_cause::restored;
  if (lost) {
    const auto last = std::max({now.newest.id, seen.id, known_first, recorded_first});
    // A fork and the rows after it take less than twice the distance.
    const auto first = first_after(last + 2 * fork_distance * promotions_between(recorded, server));
    now.forks.push_back({now.newest.id, first});
    if (now.forks.size() > max_forks)
      now.forks.erase(now.forks.begin());
    now.fork_record = format_forks(now.forks);
    set_meta(sql, "forks", now.fork_record);
  }
  if (!now.forks.empty())
    move_ids(sql, kind, last_first(now.forks) - 1, lost);
  return {std::move(now), {}};
}

} // namespace hubbub
