// What the clients of a run read, and how the run ends.
#include "tests/server/rooms_driver.hpp"
#include "tests/server/rooms_judge.hpp"

#include <algorithm>

namespace test {

namespace {

/// More bytes than the kernel keeps for a client with small buffers, and the hub in its outbox.
constexpr std::size_t much = 200'000;

} // namespace

// -- reading --------------------------------------------------------------------------------------

/// Reads everything that has arrived.
void rooms_driver::read(client& who) {
  const bool stalled = std::exchange(who.stalls_until, 0) != 0;
  std::size_t bytes = 0;
  try {
    while (who.socket->has_next(0s)) {
      const auto text = who.socket->next_text();
      bytes += text.size();
      who.record->received(json::parse(text));
    }
  } catch (const closed&) {
    ++counts_["connections lost"];
    return forget_socket(who);
  }
  if (log_.empty())
    log_ = who.record->log();
  who.unread = stalled ? bytes : who.unread + bytes;
  if (who.small && who.unread > much)
    ++counts_["much was read after a stall"], who.unread = 0;
}

/// The client remembers its cursors and what was not acknowledged.
void rooms_driver::remember(client& who) {
  for (const auto& each : who.record->subscriptions())
    if (const auto cursor = each.cursor()) {
      auto& cursors = who.read[each.room];
      if (cursors.empty() || cursors.back() != *cursor)
        cursors.push_back(*cursor);
    }
}

void rooms_driver::forget_socket(client& who) {
  who.record->cut();
  remember(who);
  for (const auto& each : who.record->posts())
    if (!each.key.empty() && !each.ack)
      who.unacked[each.key] = message_in(each.room, each.text, each.key);
  for (const auto& each : who.record->subscriptions())
    if (each.answered)
      ++counts_[each.resumed ? "resumed" : each.missed ? "missed too much" : "histories"];
  who.socket.reset();
  who.stalls_until = 0;
}

// -- the end --------------------------------------------------------------------------------------

bool rooms_driver::all_settled() {
  for (auto& each : clients_) {
    if (!each.socket)
      connect(each);
    read(each);
  }
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const client& each) { return each.socket && each.record->settled(); });
}

bool rooms_driver::presence_is_true() {
  std::map<std::string, int> people;
  for (const auto& each : clients_)
    for (const auto& room : each.record->open_rooms())
      ++people[room];
  return std::all_of(clients_.begin(), clients_.end(), [&](const client& each) {
    const auto open = each.record->open_rooms();
    return std::all_of(open.begin(), open.end(), [&](const std::string& room) {
      return each.record->open(room)->online == people[room];
    });
  });
}

void rooms_driver::finish(const database& db) {
  const auto wait = [this](const std::string& what, const std::function<bool()>& yes) {
    try {
      eventually(what, yes);
    } catch (const timeout& late) {
      throw timeout{std::string(late.what()) + state()};
    }
  };
  wait("every answer", [this] { return all_settled(); });
  wait("the number of people in each room", [this] { return all_settled() && presence_is_true(); });
  // The ack of its last message shows that everything that a connection has sent before is stored.
  for (auto& each : clients_) {
    std::vector<json> frames;
    if (each.record->open_rooms().empty())
      ask_for(each, "room-0", frames);
    frames.push_back(
        message_in(each.record->open_rooms().front(), each.name + " says the last", each.name));
    each.record->sent(frames.back());
    for (const auto& frame : frames)
      each.socket->send_json(frame);
  }
  wait("the last acks", [this] { return all_settled(); });
  const auto table = read_messages(db);
  wait("the newest messages", [&] {
    return all_settled() && std::all_of(clients_.begin(), clients_.end(), [&](const client& each) {
             const auto open = each.record->open_rooms();
             return std::all_of(open.begin(), open.end(), [&](const std::string& room) {
               return has_read_all(*each.record->open(room), table);
             });
           });
  });
  for (auto& each : clients_)
    remember(each);
}

std::string rooms_driver::state() const {
  std::string all;
  for (const auto& each : clients_) {
    all += '\n' + each.record->name() + ": " +
           (each.socket ? "waits for " + each.record->due() : "is not connected");
    for (const auto& room : each.record->open_rooms())
      all += ", " + room + " " + std::to_string(each.record->open(room)->online.value_or(-1)) +
             " people, cursor " + std::to_string(each.record->open(room)->cursor().value_or(-1));
  }
  return all;
}

} // namespace test
