// The random actions.
#include "tests/server/rooms_driver.hpp"

#include <algorithm>

namespace test {

namespace {

constexpr auto outbox_limit = 16384;

} // namespace

settings rooms_driver::hub_settings() {
  return {{"OUTBOX_LIMIT", std::to_string(outbox_limit)},
          {"MAX_ROOMS", std::to_string(max_rooms)},
          {"THREADS", "2"}};
}

rooms_driver::rooms_driver(std::vector<hub*> hubs, std::uint64_t seed)
    : hubs_{std::move(hubs)}, random_{seed}, clients_(clients) {
  for (std::size_t i = 0; i < clients; ++i) {
    clients_[i].name = "client " + std::to_string(i);
    clients_[i].small = i % 2 == 0;
  }
}

std::size_t rooms_driver::between(std::size_t least, std::size_t most) {
  return least + random_() % (most - least + 1);
}

bool rooms_driver::chance(int percent) {
  return between(0, 99) < std::size_t(percent);
}

/// Three rooms are loud. The others are often empty, or have a history alone.
std::string rooms_driver::some_room() {
  return "room-" + std::to_string(chance(50) ? between(0, 2) : between(3, rooms - 1));
}

void rooms_driver::fill(const std::vector<std::string>& names, std::size_t count) {
  auto& record = records_.emplace_back("the first connection", names[0], std::nullopt, max_rooms);
  ws_client socket{hubs_[0]->port(), "/ws?room=" + names[0]};
  const auto send = [&](const json& frame) {
    record.sent(frame);
    socket.send_json(frame);
  };
  for (std::size_t i = 1; i < names.size(); ++i)
    send(subscribe(names[i]));
  while (!record.settled())
    record.received(socket.next());
  for (std::size_t i = 1; i <= count; ++i)
    for (const auto& room : names)
      send(message_in(room, "early message " + std::to_string(i) + " of " + room,
                      i == count ? room : ""));
  while (!record.settled())
    record.received(socket.next());
  record.cut();
}

// -- one action -----------------------------------------------------------------------------------

void rooms_driver::act(std::size_t actions) {
  for (std::size_t i = 0; i < actions; ++i)
    act_once();
}

void rooms_driver::act_once() {
  ++action_;
  auto& who = clients_[between(0, clients - 1)];
  const bool stalls = action_ < who.stalls_until;
  if (!who.socket)
    connect(who);
  else if (chance(3))
    drop(who);
  else if (chance(3) && !stalls)
    who.stalls_until = action_ + between(20, 400), ++counts_["stalls"];
  else
    send_burst(who, between(1, stalls ? 3 : 12));
  for (auto& each : clients_)
    if (each.socket && action_ >= each.stalls_until && chance(20))
      read(each);
}

void rooms_driver::connect(client& who) {
  const auto room = some_room();
  const auto [fields, after] = choose_cursor(who, room);
  auto target = "/ws?room=" + room;
  for (const auto* name : {"after", "log"})
    if (fields.contains(name))
      target += std::string("&") + name + '=' +
                (fields[name].is_string() ? fields[name].get<std::string>() : fields[name].dump());
  who.record = &records_.emplace_back(who.name + ", connection " + std::to_string(records_.size()),
                                      room, after, max_rooms);
  const auto& where = *hubs_[between(0, hubs_.size() - 1)];
  who.socket = std::make_unique<ws_client>(where.port(), target, headers{},
                                           who.small ? small_buffers : connect_options{});
  std::vector<json> frames;
  come_back(who, frames);
  std::string bytes;
  for (const auto& frame : frames)
    bytes += encode(ws_frame{opcode::text, frame.dump()});
  who.socket->send_raw(bytes);
  ++counts_["connections"];
}

/// Subscribes to most of the rooms that the client knows, and sends again what was not
/// acknowledged, before any answer has come.
void rooms_driver::come_back(client& who, std::vector<json>& frames) {
  std::vector<std::string> known;
  for (const auto& [room, cursors] : who.read)
    known.push_back(room);
  std::shuffle(known.begin(), known.end(), random_);
  for (const auto& room : known)
    if (chance(70))
      ask_for(who, room, frames);
  for (auto at = who.unacked.begin(); at != who.unacked.end();) {
    if (!who.record->open(at->second["room"])) {
      ++at;
      continue;
    }
    frames.push_back(at->second);
    who.record->sent(at->second);
    at = who.unacked.erase(at);
    ++counts_["messages sent again"];
  }
}

void rooms_driver::ask_for(client& who, const std::string& room, std::vector<json>& frames) {
  auto [fields, after] = choose_cursor(who, room);
  if (fields.contains("after") && chance(40)) {
    static const std::vector<int> bounds{1, 3, 10, 50, 51, 200, 1000};
    fields["most"] = bounds[between(0, bounds.size() - 1)];
  }
  frames.push_back(subscribe(room, fields));
  who.record->sent(frames.back(), after);
}

rooms_driver::choice rooms_driver::choose_cursor(client& of, const std::string& room) {
  const auto fate = between(0, 99);
  const auto known = of.read.find(room);
  if (log_.empty() || fate < 10)
    return {};
  if (fate < 14)
    return {json{{"after", 1}, {"log", "00000000-0000-4000-8000-000000000000"}}};
  if (fate < 18)
    return {json{{"after", row_id{1} << 60}, {"log", log_}}};
  if (fate < 20)
    return {json{{"after", 1}}};
  if (fate < 22)
    return {json{{"log", log_}}};
  row_id after = 0;
  if (known != of.read.end() && fate >= 28) {
    const auto& cursors = known->second;
    after = fate < 40 ? cursors[between(0, cursors.size() - 1)] : cursors.back();
  } else if (fate >= 50) {
    return {}; // most of the rooms that are new to the client begin with the history
  }
  return {json{{"after", after}, {"log", log_}}, after};
}

void rooms_driver::send_burst(client& who, std::size_t count) {
  std::vector<json> frames;
  while (frames.size() < count) {
    const auto fate = between(0, 99);
    const auto open = who.record->open_rooms();
    if (fate < 8) {
      remember(who); // so that it may go on where it was
      ask_for(who, some_room(), frames);
      continue;
    }
    if (fate < 16)
      frames.push_back(unsubscribe(open.empty() || chance(20) ? some_room()
                                                              : open[between(0, open.size() - 1)]));
    else
      frames.push_back(some_message(who));
    if (const auto* const left = who.record->open(frames.back().value("room", ""));
        fate < 16 && left && !left->answered)
      ++counts_["left before the answer"];
    who.record->sent(frames.back());
    if (fate >= 97) { // a repeat of the message
      frames.push_back(frames.back());
      if (!frames.back().contains("key"))
        frames.pop_back();
      else
        who.record->sent(frames.back());
    }
  }
  std::string bytes;
  for (const auto& frame : frames)
    bytes += encode(ws_frame{opcode::text, frame.dump()});
  who.socket->send_raw(bytes);
}

json rooms_driver::some_message(client& who) {
  auto text = who.name + " says " + std::to_string(++texts_) + ' ';
  for (auto more = chance(25) ? between(0, 900) : 0; more > 0; --more)
    text += "😀";
  const auto open = who.record->open_rooms();
  const auto room = open.empty() || chance(10) ? some_room() : open[between(0, open.size() - 1)];
  auto frame = message_in(room, text, chance(60) ? "k " + std::to_string(texts_) : "");
  if (room == who.record->first_room() && chance(50))
    frame.erase("room");
  return frame;
}

void rooms_driver::drop(client& who) {
  if (action_ >= who.stalls_until)
    read(who);
  if (!who.socket)
    return;
  if (chance(50))
    who.socket->transport().reset();
  else if (chance(50))
    who.socket->close(1000); // and does not wait for the answer
  forget_socket(who);
}

void rooms_driver::restart_hub() {
  auto& which = *hubs_[restarted_++ % hubs_.size()];
  which.kill();
  which.start();
}

} // namespace test
