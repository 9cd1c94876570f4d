// The messages that a client sends: new ones, ones that were not acknowledged in time, and repeats.
#include "tests/torture/client.hpp"

namespace torture {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t most_unacked = 100;

std::string filler(random_source& random) {
  static const std::vector<std::string> words{"plain ",     "\"quoted\" ", "back\\slash ",
                                              "new\nline ", "žluťoučký ",  "😀😀 ",
                                              "'; -- ",     "\t{}[] "};
  std::string text;
  // A client that pauses for a while falls behind only if there is much to read.
  if (random.chance(0.12))
    for (int i = 0; i < 900; ++i)
      text += "😀";
  auto most = !text.empty() ? 0 : random.chance(0.2) ? 100 : 12;
  for (int left = random.between(0, most); left > 0; --left)
    text += random.pick(words);
  return text;
}

} // namespace

void client::send_some(ws_connection& to, plan& plan) {
  if (to.unsent() > 65536 || shared_.quiet)
    return;
  auto now = clock::now();
  const bool storm = shared_.now == phase::storm;
  resend_due(to);
  if (!storm || now < plan.send)
    return;
  change_rooms(to);
  auto burst = !steady_ && random_.chance(0.05) ? random_.between(5, 40) : 1;
  for (int i = 0; i < burst; ++i)
    send_new(to);
  if (random_.chance(0.05))
    to.ping();
  plan.send = now + (steady_ ? 50ms : random_.pause(250ms));
}

void client::send_new(ws_connection& to) {
  if (unacked_.size() >= most_unacked)
    return;
  auto index = static_cast<row_id>(record_.posts.size());
  std::optional<post> borrowed;
  if (random_.chance(0.03))
    borrowed = shared_.borrow(random_);
  if (borrowed && !by_key_.contains(borrowed->key)) {
    record_.posts.push_back({{}, borrowed->text, borrowed->key, {}});
    record_.posts.back().key_is_shared = true;
    shared_.found.count("keys of another client");
  } else {
    auto name = std::to_string(index_) + '.' + std::to_string(index);
    auto key = steady_ || random_.chance(0.75) ? "k " + name : "";
    record_.posts.push_back({{}, name + ' ' + filler(random_), key, {}});
    auto& made = record_.posts.back();
    if (!key.empty() && knows_data_ && random_.chance(0.2))
      made.data = json{{"post", name}}.dump();
    if (!key.empty() && made.data.empty() && random_.chance(0.04)) {
      made.key_is_shared = true;
      shared_.lend(record_.posts.back());
    }
  }
  shared_.found.count("different messages");
  auto& key = record_.posts.back().key;
  if (!key.empty()) {
    by_key_[key] = index;
    unacked_[index] = clock::now() + 8s;
  }
  send_post(to, index);
  if (!key.empty() && random_.chance(0.04))
    send_post(to, index); // a repeat at once
  if (auto old = random_.between<row_id>(0, index);
      random_.chance(0.02) && record_.posts[static_cast<std::size_t>(old)].ack)
    send_post(to, old); // a repeat of an acknowledged message
}

void client::send_post(ws_connection& to, row_id index) {
  auto& what = record_.posts[static_cast<std::size_t>(index)];
  if (!may_send(what))
    return;
  const auto room = room_for(what);
  what.rooms.insert(room);
  json frame{{"type", "message"}, {"text", what.text}};
  if (room != first_ || random_.chance(0.5))
    frame["room"] = room;
  if (!what.key.empty())
    frame["key"] = what.key;
  if (!what.data.empty())
    frame["data"] = json::parse(what.data);
  to.send(frame.dump());
  sent(what);
  connection_->sent.push_back(index);
  shared_.found.count("messages sent");
}

/// A room that the post was sent to before, if the connection has it, or any room of the
/// connection.
std::string client::room_for(const post& what) {
  std::vector<std::string> before, all;
  for (const auto& [room, subscription] : rooms_)
    if (!subscription.leaving) {
      all.push_back(room);
      if (what.rooms.contains(room))
        before.push_back(room);
    }
  return random_.pick(before.empty() ? all : before);
}

void client::resend_due(ws_connection& to) {
  auto now = clock::now();
  for (auto at = unacked_.begin(); at != unacked_.end();) {
    auto& [index, due] = *at;
    if (now < due) {
      ++at;
      continue;
    }
    auto& what = record_.posts[static_cast<std::size_t>(index)];
    if (shared_.now == phase::storm && what.earlier_acks.empty() && random_.chance(0.02)) {
      what.given_up = true;
      at = unacked_.erase(at);
      continue;
    }
    due = now + (shared_.now == phase::storm ? 8s : 4s);
    send_post(to, index);
    shared_.found.count("messages sent again");
    ++at;
  }
}

} // namespace torture
