// What the clients read, compared with the table, and what the log may have lost.
#include "tests/torture/checker.hpp"

#include <algorithm>

namespace torture {

namespace {

constexpr std::size_t most_history = 50;

} // namespace

/// Whether the log has lost that message. An id that a fork covers is never given again.
bool checker::is_lost(row_id id) const {
  return !keeps_all_ && !by_id_.contains(id) &&
         std::any_of(forks_.begin(), forks_.end(), [&](auto& each) { return each.covers(id); });
}

/// Whether the log may have lost messages between these two ids.
bool checker::may_lack(row_id from, row_id to) const {
  return !keeps_all_ && std::any_of(forks_.begin(), forks_.end(), [&](auto& each) {
    return each.after < to && each.first > from;
  });
}

/// No row is within a fork, and each fork begins at the greatest row that has survived.
void checker::check_forks() {
  for (auto& each : forks_) {
    auto next = std::partition_point(table_.begin(), table_.end(),
                                     [&](auto& row) { return row.id < each.first; });
    const auto survivor = next == table_.begin() ? 0 : std::prev(next)->id;
    if (survivor != each.after)
      findings_.violation("the fork after id " + std::to_string(each.after) + " up to id " +
                          std::to_string(each.first) + " follows the row " +
                          std::to_string(survivor));
  }
}

/// Only the readings of the last connection of a client that knows forks were told of all of them.
void checker::check_readings() {
  for (auto* client : records_)
    for (auto& reading : client->readings)
      check(reading, client->knows_forks && client->current.contains(&reading));
}

/// The ids that a reader has read, without those of lost messages.
std::vector<row_id> checker::surviving(const reading& what) {
  std::vector<row_id> ids;
  std::remove_copy_if(what.ids.begin(), what.ids.end(), std::back_inserter(ids),
                      [this](row_id id) { return is_lost(id); });
  findings_.count("lost messages that old clients keep",
                  static_cast<long>(what.ids.size() - ids.size()));
  return ids;
}

/// A reader that had missed too much was told how much, up to the end of its history: `all` rows of
/// the room. Where rows were lost, they may have counted.
void checker::check_missed(const reading& what, std::size_t all) {
  if (!what.missed || !forks_.empty())
    return;
  auto& room = rooms_[what.room];
  const auto [after, told] = *what.missed;
  const auto before = std::upper_bound(room.begin(), room.end(), after) - room.begin();
  if (told != static_cast<long>(all) - before)
    findings_.violation("a reader of " + what.room + " with cursor " + std::to_string(after) +
                        " missed " + std::to_string(static_cast<long>(all) - before) +
                        " messages and was told " + std::to_string(told));
}

/// From the first message to the last, a client read every message of the room exactly once.
void checker::check(const reading& what, bool knows_forks) {
  const auto ids = knows_forks ? what.ids : surviving(what);
  if (ids.empty())
    return;
  auto& room = rooms_[what.room];
  auto first = what.after ? std::upper_bound(room.begin(), room.end(), *what.after)
                          : std::lower_bound(room.begin(), room.end(), ids.front());
  auto last = std::upper_bound(room.begin(), room.end(), ids.back());
  // An empty history means that the room was empty, so its first message must have been read.
  if (!what.after && what.history == 0)
    first = room.begin();
  findings_.count("readings");
  if (auto [read, stored] = std::mismatch(ids.begin(), ids.end(), first, last);
      read != ids.end() || stored != last) {
    auto at = static_cast<std::size_t>(read - ids.begin());
    auto resumption = std::upper_bound(what.resumed.begin(), what.resumed.end(), at);
    findings_.violation(
        "a reader of " + what.room + (knows_forks ? "" : " that does not know all forks") +
        " read id " + (read == ids.end() ? "(none)" : std::to_string(*read)) +
        " where the table has " + (stored == last ? "(none)" : std::to_string(*stored)) +
        ", after id " + (at == 0 ? "(none)" : std::to_string(ids[at - 1])) + ", " +
        std::to_string(at) + " messages from the beginning, of which " +
        std::to_string(what.history) + " were history; it had come back " +
        std::to_string(resumption - what.resumed.begin()) + " times, last " +
        (resumption == what.resumed.begin() ? "never" : std::to_string(at - *(resumption - 1))) +
        " messages before");
    return;
  }
  // A history with lost messages was complete in a table that nobody has any more.
  const bool lost = what.forgotten || ids.size() != what.ids.size();
  if (what.history > 0 && !lost) {
    auto end = std::upper_bound(room.begin(), room.end(), ids[what.history - 1]);
    auto all = static_cast<std::size_t>(end - room.begin());
    if (what.history != std::min(most_history, all))
      findings_.violation("a history of " + what.room + " up to id " +
                          std::to_string(ids[what.history - 1]) + " has " +
                          std::to_string(what.history) + " messages");
    check_missed(what, all);
  }
}

} // namespace torture
