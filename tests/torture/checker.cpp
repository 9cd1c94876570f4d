// There is one function for each promise. A violation names ids, keys and connections, by which it
// can be found in the table.
#include "tests/torture/checker.hpp"

#include "tests/torture/publisher.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace torture {

namespace {

/// An ack may name an older message, so it bounds no id of the frames before it.
constexpr auto unlimited = std::numeric_limits<row_id>::max();

} // namespace

std::vector<shown> read_table(test::sql_session& from, bool sqlite) {
  auto time = sqlite ? std::string{"replace(created_at, ' ', 'T')"}
                     : "to_char(created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";
  std::vector<shown> table;
  for (auto& row :
       from.sql("select id, room, text, connection_id, user_message_number, " + time +
                " || '+00:00', coalesce(key, ''), coalesce(data, '') from messages order by id"))
    table.push_back(
        {std::stoll(row[0]), row[1], row[2], row[3], std::stoi(row[4]), row[5], row[6], row[7]});
  return table;
}

std::vector<log_fork> read_forks(test::sql_session& from) {
  std::vector<log_fork> forks;
  for (auto& row : from.sql("select value from hubbub_meta where name = 'forks'"))
    for (auto& each : nlohmann::json::parse(row[0].empty() ? "[]" : row[0]))
      forks.push_back({each.at(0), each.at(1)});
  return forks;
}

checker::checker(final_log log, std::vector<const client_record*> records, findings& found)
    : table_{std::move(log.table)}, forks_{std::move(log.forks)},
      keeps_all_{log.keeps_all}, records_{std::move(records)}, findings_{found} {}

void checker::run() {
  index();
  check_seen();
  check_data();
  check_posts();
  check_units();
  check_readings();
  check_numbers();
  check_connections();
  check_time();
  check_forks();
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
  for (auto* client : records_)
    for (auto& connection : client->connections)
      known_at_start_[connection.id] = connection.known;
}

/// Every message that a client was shown is stored as it was shown, or lost by a fork.
void checker::check_seen() {
  for (auto& [id, seen] : findings_.all_seen()) {
    auto at = by_id_.find(id);
    if (at == by_id_.end()) {
      findings_.count("messages shown and lost", is_lost(id));
      if (!is_lost(id))
        findings_.violation("was shown and is not stored: " + describe(seen));
      continue;
    }
    auto stored = *at->second;
    stored.key.clear();
    stored.data.clear();
    if (stored != seen)
      findings_.violation("was shown as " + describe(seen) + "; and is stored as " +
                          describe(stored));
  }
}

/// A newer hub shows every message with the data that is stored.
void checker::check_data() {
  for (const auto& [id, data] : findings_.all_data())
    if (const auto at = by_id_.find(id); at != by_id_.end() && at->second->data != data)
      findings_.violation("was shown with the data " + data + ", and is stored with " +
                          at->second->data + ": " + describe(*at->second));
}

/// Every stored message was sent by a client.
void checker::check_posts() {
  struct intent {
    std::set<std::string> rooms;
    std::string key, data;
  };
  std::unordered_map<std::string, intent> sent;
  for (auto* client : records_)
    for (auto& post : client->posts) {
      auto& known = sent[post.text];
      known.rooms.insert(post.rooms.begin(), post.rooms.end());
      known.key = post.key;
      known.data = post.data;
      check(post, *client);
    }
  for (auto& row : table_)
    if (auto at = sent.find(row.text); at == sent.end())
      findings_.violation("no client sent this: " + describe(row));
    else if (!at->second.rooms.contains(row.room) || at->second.key != row.key)
      findings_.violation("no client sent this with that key to that room: " + describe(row));
    else if (at->second.data != row.data)
      findings_.violation("was sent with the data " + at->second.data + ", and is stored with " +
                          row.data + ": " + describe(row));
}

/// The messages of a publication are all stored, by one connection, or none of them is. After a
/// fork a lost message may be stored again by another publication, which repeats its key.
void checker::check_units() {
  struct unit {
    std::size_t size = 0, stored = 0;
    std::set<std::string> connections;
  };
  std::map<std::string, unit> units;
  for (auto& row : table_)
    if (const auto of = unit_of(row.text); !of.name.empty()) {
      auto& found = units[of.name];
      found.size = of.size;
      ++found.stored;
      found.connections.insert(row.connection);
    }
  findings_.count("publications stored", static_cast<long>(units.size()));
  for (auto& [name, found] : units)
    if (forks_.empty() && (found.stored != found.size || found.connections.size() != 1))
      findings_.violation("unit " + name + " has " + std::to_string(found.size) +
                          " messages, and " + std::to_string(found.stored) + " are stored by " +
                          std::to_string(found.connections.size()) + " connections");
}

/// An acknowledged message is stored as it was acknowledged. The one exception is a message of an
/// old client, or of one that has not come back to its room, that a fork covers: it may be lost, or
/// be stored by another client.
void checker::check(const post& what, const client_record& whose) {
  if (what.key.empty())
    return;
  for (auto& each : what.earlier_acks)
    check_receipt(each, what.key);
  if (what.ack)
    check_receipt(*what.ack, what.key);
  const bool lost = what.ack && is_lost(what.ack->id);
  const bool may_be_lost = lost && (!whose.knows_forks || what.left_behind);
  auto at = by_key_.find(what.key);
  if (at == by_key_.end()) {
    findings_.count("acknowledged, and lost for good", may_be_lost);
    if ((what.ack || !what.earlier_acks.empty()) && !may_be_lost)
      findings_.violation("key " + what.key + " was acknowledged as id " +
                          std::to_string((what.ack ? *what.ack : what.earlier_acks.back()).id) +
                          " and is not stored");
    return;
  }
  auto& row = *at->second;
  if (what.ack && *what.ack != receipt{row.id, row.number} && !may_be_lost)
    findings_.violation("key " + what.key + " was acknowledged as id " +
                        std::to_string(what.ack->id) + " number " +
                        std::to_string(what.ack->number) + " and is stored as " + describe(row));
  if (row.text != what.text)
    findings_.violation("key " + what.key + " has another text: " + describe(row));
  findings_.count("given up, and stored", what.given_up ? 1 : 0);
  findings_.count("acknowledged, sent again after a fork, and stored", !what.earlier_acks.empty());
}

/// An id that was acknowledged for a key means no other message, and is missing only by a fork.
void checker::check_receipt(const receipt& what, const std::string& key) {
  const auto at = by_id_.find(what.id);
  if (at == by_id_.end() ? !is_lost(what.id) : at->second->key != key)
    findings_.violation("key " + key + " was acknowledged as id " + std::to_string(what.id) +
                        (at == by_id_.end() ? ", and no fork covers its loss"
                                            : ", which is " + describe(*at->second)));
}

/// A connection's messages have the numbers 1, 2, 3… in the order of their ids. Numbers are missing
/// only where the log has lost messages.
void checker::check_numbers() {
  for (auto& [connection, rows] : by_connection_) {
    shown before;
    before.id = known_at_start_[connection];
    for (auto* row : rows) {
      const bool next = row->number == before.number + 1;
      const bool later = row->number > before.number && may_lack(before.id, row->id);
      if (!next && !later) {
        findings_.violation("the message after number " + std::to_string(before.number) +
                            " of a connection is " + describe(*row));
        break;
      }
      before = *row;
    }
  }
}

void checker::check_connections() {
  for (auto* client : records_)
    for (auto& connection : client->connections)
      check(connection, *client);
}

/// A connection's messages are stored in the order in which they were sent, and none of those
/// before an answered one is lost, except by a fork.
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
  if (lost > what.keyless_errors && !may_lack(what.known, unlimited))
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
