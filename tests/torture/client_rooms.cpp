// The rooms of a client: which ones it opens, and where it goes on reading in each of them.
#include "tests/torture/client.hpp"

#include <algorithm>
#include <limits>

namespace torture {

namespace {

using nlohmann::json;

const std::vector<std::string> big_rooms{"lobby", "lobby", "garden", "attic"};

/// The small rooms are often empty, so that histories of new rooms are tested. Clients of one room
/// use the first of them.
constexpr int small_rooms = 60, small_rooms_of_one = 12;

constexpr double leaves_a_room = 0.06, adds_a_room = 0.1, bounds_what_it_missed = 0.3;

} // namespace

std::string client::some_room() {
  if (random_.chance(most_rooms_ == 1 ? 0.5 : 0.2))
    return random_.pick(big_rooms);
  return "side-" +
         std::to_string(random_.between(1, most_rooms_ == 1 ? small_rooms_of_one : small_rooms));
}

/// Chooses the rooms of the next connection, and where to go on in each of them.
void client::choose_rooms() {
  rooms_.clear();
  record_.current.clear();
  asked_ = false;
  const auto before = wanted_;
  if (shared_.now == phase::storm && !steady_)
    change_wanted();
  gave_up_ = !std::includes(wanted_.begin(), wanted_.end(), before.begin(), before.end());
  for (const auto& room : wanted_)
    subscribe(room);
  first_ = *std::next(wanted_.begin(), random_.between<long>(0, std::ssize(wanted_) - 1));
  leave_behind();
}

void client::change_wanted() {
  if (most_rooms_ == 1) {
    if (wanted_.empty() || random_.chance(0.12))
      wanted_ = {wanted_.empty() ? random_.pick(big_rooms) : some_room()};
    return;
  }
  while (wanted_.size() > 1 && random_.chance(0.2))
    wanted_.erase(std::next(wanted_.begin(), random_.between<long>(0, std::ssize(wanted_) - 1)));
  if (wanted_.empty() || random_.chance(0.5)) {
    const auto many = random_.between<std::size_t>(1, most_rooms_);
    for (int tries = 0; wanted_.size() < many && tries < 200; ++tries)
      wanted_.insert(some_room());
  }
}

void client::subscribe(const std::string& room) {
  auto& reads = choose_reading(room);
  rooms_[room] = {&reads};
  record_.current.insert(&reads);
}

/// The reading to go on with in a room, or a new one.
reading& client::choose_reading(const std::string& room) {
  const bool storm = shared_.now == phase::storm;
  const auto fate = random_.between(0, 99);
  const auto known = last_.find(room);
  if (known == last_.end() || (storm && fate >= 90)) {
    gave_up_ |= known != last_.end();
    return record_.readings.emplace_back(reading{.room = room});
  }
  auto& last = *known->second;
  if (!storm || steady_ || fate < 84 || last.ids.size() < 2)
    return last;
  // A client that crashed has an older cursor, and gets every message after it again.
  const auto from = fate == 84 ? 0 : random_.pick(last.ids);
  return record_.readings.emplace_back(reading{.room = room, .after = from});
}

bool client::resumes(const reading& what) const {
  return what.opened || (what.after && !shared_.log().empty());
}

/// A client learns of a loss by the rooms that it resumes from before the loss. If it has given up
/// others, it may not learn what happened before the least of its cursors.
void client::leave_behind() {
  auto least = std::numeric_limits<row_id>::max();
  for (const auto& [room, subscription] : rooms_)
    if (resumes(*subscription.reads))
      least = std::min(least, subscription.reads->cursor());
  if (!gave_up_ && least != std::numeric_limits<row_id>::max())
    return;
  for (auto& post : record_.posts)
    post.left_behind |= post.ack && post.ack->id < least;
}

std::string client::target() const {
  const auto& reads = *rooms_.at(first_).reads;
  auto query = "/ws?room=" + first_;
  if (resumes(reads))
    query += "&after=" + std::to_string(reads.cursor()) + "&log=" + shared_.log();
  return query;
}

/// Asks for all rooms but the first, without waiting for any answer.
void client::ask_for_rooms(ws_connection& to) {
  if (std::exchange(asked_, true))
    return;
  for (const auto& [room, subscription] : rooms_)
    if (room != first_)
      ask_for(to, room);
}

void client::ask_for(ws_connection& to, const std::string& room) {
  auto& made = rooms_.at(room);
  json frame{{"type", "subscribe"}, {"room", room}};
  if (resumes(*made.reads)) {
    frame["after"] = made.reads->cursor();
    frame["log"] = shared_.log();
    if (shared_.now == phase::storm && random_.chance(bounds_what_it_missed))
      frame["most"] = *(made.most = random_.between<long>(1, 300));
  }
  to.send(frame.dump());
  shared_.found.count("rooms asked for");
}

/// Sometimes leaves a room, or adds one.
void client::change_rooms(ws_connection& to) {
  if (most_rooms_ == 1 || !asked_)
    return;
  if (random_.chance(leaves_a_room) && rooms_.size() > 1) {
    const auto at = std::next(rooms_.begin(), random_.between<long>(0, std::ssize(rooms_) - 1));
    // Another room goes on, by which the client learns of every loss.
    const bool other = std::any_of(rooms_.begin(), rooms_.end(), [&](auto& each) {
      return each.first != at->first && each.second.answered && !each.second.leaving;
    });
    if (other && at->second.answered && !std::exchange(at->second.leaving, true)) {
      to.send(json{{"type", "unsubscribe"}, {"room", at->first}}.dump());
      wanted_.erase(at->first);
      record_.current.erase(at->second.reads);
      shared_.found.count("rooms left");
    }
  }
  if (random_.chance(adds_a_room) && wanted_.size() < most_rooms_)
    if (const auto room = some_room(); !rooms_.contains(room)) {
      wanted_.insert(room);
      subscribe(room);
      ask_for(to, room);
    }
}

} // namespace torture
