// Each promise is one function. What is found is told with ids, keys and connections, to be looked
// for in the table.
#include "tests/torture/checker.hpp"

#include <algorithm>

namespace torture {

namespace {

constexpr std::size_t most_history = 50;

} // namespace

std::vector<shown> read_table(test::sql_session& from, bool sqlite) {
  auto time = sqlite ? std::string{"replace(created_at, ' ', 'T')"}
                     : "to_char(created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";
  std::vector<shown> table;
  for (auto& row : from.sql("select id, room, text, connection_id, user_message_number, " + time +
                            " || '+00:00', coalesce(key, '') from messages order by id"))
    table.push_back(
        {std::stoll(row[0]), row[1], row[2], row[3], std::stoi(row[4]), row[5], row[6]});
  return table;
}

checker::checker(std::vector<shown> table, std::vector<const diary*> diaries, book& notes)
    : table_{std::move(table)}, diaries_{std::move(diaries)}, notes_{notes} {}

void checker::run() {
  index();
  check_seen();
  check_posts();
  check_readings();
  check_numbers();
  check_sittings();
  check_time();
}

/// What is in the table twice is found on the way.
void checker::index() {
  for (auto& row : table_) {
    rooms_[row.room].push_back(row.id);
    by_id_[row.id] = &row;
    by_connection_[row.connection].push_back(&row);
    if (!row.key.empty() && !by_key_.try_emplace(row.key, &row).second)
      notes_.violation("key " + row.key + " is stored twice: " + describe(*by_key_[row.key]) +
                       "; and " + describe(row));
    if (!by_text_.try_emplace(row.text, &row).second)
      notes_.violation("a message is stored twice: " + describe(*by_text_[row.text]) + "; and " +
                       describe(row));
  }
}

/// What anyone has seen is stored, as it was seen.
void checker::check_seen() {
  for (auto& [id, seen] : notes_.all_seen()) {
    auto at = by_id_.find(id);
    if (at == by_id_.end()) {
      notes_.violation("was shown and is not stored: " + describe(seen));
      continue;
    }
    auto stored = *at->second;
    stored.key.clear();
    if (stored != seen)
      notes_.violation("was shown as " + describe(seen) + "; and is stored as " + describe(stored));
  }
}

/// What was acknowledged is stored, as it was acknowledged; what is stored was said by somebody.
void checker::check_posts() {
  struct meant {
    std::set<std::string> rooms;
    std::string key;
  };
  std::unordered_map<std::string, meant> said;
  for (auto* diary : diaries_)
    for (auto& post : diary->posts) {
      auto& known = said[post.text];
      known.rooms.insert(post.rooms.begin(), post.rooms.end());
      known.key = post.key;
      if (post.key.empty())
        continue;
      auto at = by_key_.find(post.key);
      if (at == by_key_.end()) {
        if (post.ack)
          notes_.violation("key " + post.key + " was acknowledged as id " +
                           std::to_string(post.ack->id) + " and is not stored");
        continue;
      }
      auto& row = *at->second;
      if (post.ack && *post.ack != receipt{row.id, row.number})
        notes_.violation("key " + post.key + " was acknowledged as id " +
                         std::to_string(post.ack->id) + " number " +
                         std::to_string(post.ack->number) + " and is stored as " + describe(row));
      if (row.text != post.text)
        notes_.violation("key " + post.key + " has another text: " + describe(row));
      notes_.count("given up, and stored", post.given_up ? 1 : 0);
    }
  for (auto& row : table_)
    if (auto at = said.find(row.text); at == said.end())
      notes_.violation("nobody said this: " + describe(row));
    else if (!at->second.rooms.contains(row.room) || at->second.key != row.key)
      notes_.violation("nobody said this with that key in that room: " + describe(row));
}

void checker::check_readings() {
  for (auto* diary : diaries_)
    for (auto& reading : diary->readings)
      check(reading);
}

/// From the first message to the last, all of the room and nothing twice.
void checker::check(const reading& what) {
  if (what.ids.empty())
    return;
  auto& room = rooms_[what.room];
  auto first = what.after ? std::upper_bound(room.begin(), room.end(), *what.after)
                          : std::lower_bound(room.begin(), room.end(), what.ids.front());
  auto last = std::upper_bound(room.begin(), room.end(), what.ids.back());
  // A room that had nothing yet is read from its beginning.
  if (!what.after && what.history == 0)
    first = room.begin();
  notes_.count("readings");
  if (auto [read, stored] = std::mismatch(what.ids.begin(), what.ids.end(), first, last);
      read != what.ids.end() || stored != last) {
    auto at = static_cast<std::size_t>(read - what.ids.begin());
    auto line = std::upper_bound(what.resumed.begin(), what.resumed.end(), at);
    notes_.violation("a reader of " + what.room + " read id " +
                     (read == what.ids.end() ? "(none)" : std::to_string(*read)) +
                     " where the table has " +
                     (stored == last ? "(none)" : std::to_string(*stored)) + ", after id " +
                     (at == 0 ? "(none)" : std::to_string(what.ids[at - 1])) + ", " +
                     std::to_string(at) + " messages from the beginning, of which " +
                     std::to_string(what.history) + " were history; it had come back " +
                     std::to_string(line - what.resumed.begin()) + " times, last " +
                     (line == what.resumed.begin() ? "never" : std::to_string(at - *(line - 1))) +
                     " messages before");
    return;
  }
  if (what.history > 0) {
    auto end = std::upper_bound(room.begin(), room.end(), what.ids[what.history - 1]);
    auto all = static_cast<std::size_t>(end - room.begin());
    if (what.history != std::min(most_history, all))
      notes_.violation("a history of " + what.room + " up to id " +
                       std::to_string(what.ids[what.history - 1]) + " has " +
                       std::to_string(what.history) + " messages");
  }
}

/// 1, 2, 3… in the order of the ids.
void checker::check_numbers() {
  for (auto& [connection, rows] : by_connection_)
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i]->number != static_cast<int>(i + 1)) {
        notes_.violation("message " + std::to_string(i + 1) + " of a connection is " +
                         describe(*rows[i]));
        break;
      }
}

void checker::check_sittings() {
  for (auto* diary : diaries_)
    for (auto& sitting : diary->sittings)
      check(sitting, *diary);
}

/// What one connection said is stored in the order in which it was said, and none of it is lost
/// before something that the hub has answered.
void checker::check(const sitting& what, const diary& whose) {
  auto text = [&](std::size_t frame) -> auto& {
    return whose.posts[static_cast<std::size_t>(what.said[frame])].text;
  };
  std::size_t lost = 0;
  std::string which;
  for (std::size_t i = 0; i < what.dealt_with; ++i)
    if (!by_text_.contains(text(i)) && !what.refused.contains(what.said[i])) {
      ++lost;
      which += "; " + text(i);
    }
  if (lost > what.nameless_errors)
    notes_.violation(std::to_string(lost) + " messages of connection " + what.connection +
                     " are lost, and it was told of " + std::to_string(what.nameless_errors) +
                     which);
  if (what.connection.empty())
    return;
  std::size_t frame = 0;
  for (auto* row : by_connection_[what.connection]) {
    while (frame < what.said.size() && text(frame) != row->text)
      ++frame;
    if (frame++ == what.said.size()) {
      notes_.violation("not said by its connection, or before what it said earlier: " +
                       describe(*row));
      return;
    }
  }
}

/// The time goes on with the ids, as long as one process gives it.
void checker::check_time() {
  std::unordered_map<std::string, int> hubs;
  for (auto* diary : diaries_)
    for (auto& sitting : diary->sittings)
      hubs[sitting.connection] = sitting.hub;
  std::map<int, const shown*> last;
  for (auto& row : table_) {
    auto hub = hubs[row.connection];
    if (hub <= 0)
      continue;
    auto& before = last[hub];
    if (before != nullptr && row.created_at < before->created_at) {
      notes_.count("times that went back");
      notes_.violation("the time went back from " + describe(*before) + " to " + describe(row));
    }
    before = &row;
  }
}

} // namespace torture
