// There is one function for each promise. A violation names ids, keys and connections, by which it
// can be found in the table.
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

checker::checker(std::vector<shown> table, std::vector<const client_record*> records,
                 findings& found)
    : table_{std::move(table)}, records_{std::move(records)}, findings_{found} {}

void checker::run() {
  index();
  check_seen();
  check_posts();
  check_readings();
  check_numbers();
  check_connections();
  check_time();
}

/// Also reports messages that are stored twice.
void checker::index() {
  for (auto& row : table_) {
    rooms_[row.room].push_back(row.id);
    by_id_[row.id] = &row;
    by_connection_[row.connection].push_back(&row);
    if (!row.key.empty() && !by_key_.try_emplace(row.key, &row).second)
      findings_.violation("key " + row.key + " is stored twice: " + describe(*by_key_[row.key]) +
                          "; and " + describe(row));
    if (!by_text_.try_emplace(row.text, &row).second)
      findings_.violation("a message is stored twice: " + describe(*by_text_[row.text]) + "; and " +
                          describe(row));
  }
}

/// Every message that a client was shown is stored as it was shown.
void checker::check_seen() {
  for (auto& [id, seen] : findings_.all_seen()) {
    auto at = by_id_.find(id);
    if (at == by_id_.end()) {
      findings_.violation("was shown and is not stored: " + describe(seen));
      continue;
    }
    auto stored = *at->second;
    stored.key.clear();
    if (stored != seen)
      findings_.violation("was shown as " + describe(seen) + "; and is stored as " +
                          describe(stored));
  }
}

/// Every acknowledged message is stored as it was acknowledged, and every stored message was sent
/// by a client.
void checker::check_posts() {
  struct intent {
    std::set<std::string> rooms;
    std::string key;
  };
  std::unordered_map<std::string, intent> sent;
  for (auto* client : records_)
    for (auto& post : client->posts) {
      auto& known = sent[post.text];
      known.rooms.insert(post.rooms.begin(), post.rooms.end());
      known.key = post.key;
      if (post.key.empty())
        continue;
      auto at = by_key_.find(post.key);
      if (at == by_key_.end()) {
        if (post.ack)
          findings_.violation("key " + post.key + " was acknowledged as id " +
                              std::to_string(post.ack->id) + " and is not stored");
        continue;
      }
      auto& row = *at->second;
      if (post.ack && *post.ack != receipt{row.id, row.number})
        findings_.violation(
            "key " + post.key + " was acknowledged as id " + std::to_string(post.ack->id) +
            " number " + std::to_string(post.ack->number) + " and is stored as " + describe(row));
      if (row.text != post.text)
        findings_.violation("key " + post.key + " has another text: " + describe(row));
      findings_.count("given up, and stored", post.given_up ? 1 : 0);
    }
  for (auto& row : table_)
    if (auto at = sent.find(row.text); at == sent.end())
      findings_.violation("no client sent this: " + describe(row));
    else if (!at->second.rooms.contains(row.room) || at->second.key != row.key)
      findings_.violation("no client sent this with that key to that room: " + describe(row));
}

void checker::check_readings() {
  for (auto* client : records_)
    for (auto& reading : client->readings)
      check(reading);
}

/// From the first message to the last, a client read every message of the room exactly once.
void checker::check(const reading& what) {
  if (what.ids.empty())
    return;
  auto& room = rooms_[what.room];
  auto first = what.after ? std::upper_bound(room.begin(), room.end(), *what.after)
                          : std::lower_bound(room.begin(), room.end(), what.ids.front());
  auto last = std::upper_bound(room.begin(), room.end(), what.ids.back());
  // An empty history means that the room was empty, so its first message must have been read.
  if (!what.after && what.history == 0)
    first = room.begin();
  findings_.count("readings");
  if (auto [read, stored] = std::mismatch(what.ids.begin(), what.ids.end(), first, last);
      read != what.ids.end() || stored != last) {
    auto at = static_cast<std::size_t>(read - what.ids.begin());
    auto resumption = std::upper_bound(what.resumed.begin(), what.resumed.end(), at);
    findings_.violation(
        "a reader of " + what.room + " read id " +
        (read == what.ids.end() ? "(none)" : std::to_string(*read)) + " where the table has " +
        (stored == last ? "(none)" : std::to_string(*stored)) + ", after id " +
        (at == 0 ? "(none)" : std::to_string(what.ids[at - 1])) + ", " + std::to_string(at) +
        " messages from the beginning, of which " + std::to_string(what.history) +
        " were history; it had come back " + std::to_string(resumption - what.resumed.begin()) +
        " times, last " +
        (resumption == what.resumed.begin() ? "never" : std::to_string(at - *(resumption - 1))) +
        " messages before");
    return;
  }
  if (what.history > 0) {
    auto end = std::upper_bound(room.begin(), room.end(), what.ids[what.history - 1]);
    auto all = static_cast<std::size_t>(end - room.begin());
    if (what.history != std::min(most_history, all))
      findings_.violation("a history of " + what.room + " up to id " +
                          std::to_string(what.ids[what.history - 1]) + " has " +
                          std::to_string(what.history) + " messages");
  }
}

/// A connection's messages have the numbers 1, 2, 3… in the order of their ids.
void checker::check_numbers() {
  for (auto& [connection, rows] : by_connection_)
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i]->number != static_cast<int>(i + 1)) {
        findings_.violation("message " + std::to_string(i + 1) + " of a connection is " +
                            describe(*rows[i]));
        break;
      }
}

void checker::check_connections() {
  for (auto* client : records_)
    for (auto& connection : client->connections)
      check(connection, *client);
}

/// A connection's messages are stored in the order in which they were sent, and none of those
/// before an answered one is lost.
void checker::check(const connection_record& what, const client_record& whose) {
  auto text = [&](std::size_t frame) -> auto& {
    return whose.posts[static_cast<std::size_t>(what.sent[frame])].text;
  };
  std::size_t lost = 0;
  std::string which;
  for (std::size_t i = 0; i < what.answered; ++i)
    if (!by_text_.contains(text(i)) && !what.refused.contains(what.sent[i])) {
      ++lost;
      which += "; " + text(i);
    }
  if (lost > what.keyless_errors)
    findings_.violation(std::to_string(lost) + " messages of connection " + what.id +
                        " are lost, and the hub refused " + std::to_string(what.keyless_errors) +
                        which);
  if (what.id.empty())
    return;
  std::size_t frame = 0;
  for (auto* row : by_connection_[what.id]) {
    while (frame < what.sent.size() && text(frame) != row->text)
      ++frame;
    if (frame++ == what.sent.size()) {
      findings_.violation("not sent by its connection, or stored out of order: " + describe(*row));
      return;
    }
  }
}

/// `created_at` never decreases with the ids that one process of the hub gave.
void checker::check_time() {
  std::unordered_map<std::string, int> hubs;
  for (auto* client : records_)
    for (auto& connection : client->connections)
      hubs[connection.id] = connection.hub;
  std::map<int, const shown*> last;
  for (auto& row : table_) {
    auto hub = hubs[row.connection];
    if (hub <= 0)
      continue;
    auto& before = last[hub];
    if (before != nullptr && row.created_at < before->created_at) {
      findings_.count("times that went back");
      findings_.violation("the time went back from " + describe(*before) + " to " + describe(row));
    }
    before = &row;
  }
}

} // namespace torture
