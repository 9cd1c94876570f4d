// The frames that a client receives. Whatever can be checked without the table is checked here.
#include "tests/torture/client.hpp"

#include <algorithm>

namespace torture {

using nlohmann::json;
using namespace std::chrono_literals;

void client::handle(const json& frame, plan& plan) {
  auto type = frame.at("type").get<std::string>();
  if (!greeted_ && type != "init" && !std::exchange(connection_->early_frame, true))
    shared_.found.violation("client " + std::to_string(index_) +
                            " got as its first frame no init but " + frame.dump());
  if (type == "init")
    handle_init(frame);
  else if (type == "subscribed")
    handle_answer(frame);
  else if (type == "unsubscribed")
    handle_unsubscribed(frame);
  else if (type == "message") {
    if (auto* const of = find(frame, true))
      handle_message(frame, *of->reads);
  } else if (type == "ack")
    handle_ack(frame);
  else if (type == "error")
    handle_error(frame);
  else if (type == "fork") {
    if (auto* const of = find(frame, true))
      handle_fork(frame, of->reads);
  } else if (type == "presence")
    find(frame, true);
  else
    throw std::runtime_error{"an unknown frame: " + frame.dump()};
  if (type == "error")
    plan.send = std::max(plan.send, clock::now() + 100ms);
}

/// The subscription that a frame names. A frame of a room that is not subscribed to, or that is not
/// answered yet, or is answered already, is a violation.
client::subscription* client::find(const json& frame, bool answered) {
  const auto at = rooms_.find(frame.value("room", ""));
  if (at != rooms_.end() && at->second.answered == answered)
    return &at->second;
  shared_.found.violation(name_of(frame.value("room", "no room")) +
                          " got a frame that is not due: " + frame.dump().substr(0, 300));
  return nullptr;
}

void client::handle_init(const json& init) {
  if (std::exchange(greeted_, true))
    throw std::runtime_error{"a second init on one connection"};
  if (init.at("room") != first_)
    throw std::runtime_error{"an init of another room: " + init.dump().substr(0, 300)};
  connection_->id = init.at("connection_id");
  handle_answer(init);
  connection_->known = rooms_.at(first_).reads->cursor();
}

/// An `init` or `subscribed`: where the reading of its room goes on.
void client::handle_answer(const json& answer) {
  if (!shared_.is_log(answer.at("log")))
    throw std::runtime_error{"the log has another UUID: " + answer.dump().substr(0, 300)};
  auto* const of = find(answer, false);
  if (of == nullptr)
    return;
  of->answered = true;
  const auto room = of->reads->room;
  const bool comes_back = of->reads->opened || of->reads->after;
  const bool resumed = answer.at("resumed");
  const auto missed = answer.value("missed", 0L);
  const bool too_many = of->most && missed > *of->most;
  if (comes_back && !resumed && !too_many)
    shared_.found.violation(name_of(room) + " came back with cursor " +
                            std::to_string(of->reads->cursor()) +
                            " and was not resumed: " + answer.dump().substr(0, 300));
  if (!resumed && comes_back) {
    record_.current.erase(of->reads);
    auto& fresh = record_.readings.emplace_back(reading{.room = room});
    if (too_many)
      fresh.missed = {of->reads->cursor(), missed};
    of->reads = &fresh;
    record_.current.insert(&fresh);
    shared_.found.count("rooms that had missed too much", too_many);
  }
  if (resumed) {
    shared_.found.count("resumes");
    if (!answer.at("history").empty())
      shared_.found.violation(name_of(room) + " was resumed with a history");
    of->reads->resumed.push_back(of->reads->ids.size());
  }
  if (answer.contains("fork"))
    handle_fork(answer.at("fork"), of->reads);
  of->reads->opened = true;
  last_[room] = of->reads;
  for (auto& message : answer.at("history"))
    handle_message(message, *of->reads);
  if (!resumed)
    of->reads->history = answer.at("history").size();
}

void client::handle_unsubscribed(const json& frame) {
  auto* const of = find(frame, true);
  if (of == nullptr)
    return;
  if (!of->leaving)
    shared_.found.violation(name_of(of->reads->room) + " did not ask to leave");
  rooms_.erase(frame.at("room").get<std::string>());
}

void client::handle_message(const json& message, reading& into) {
  shown what{message.at("id"),
             message.at("room"),
             message.at("text"),
             message.at("connection_id"),
             message.at("user_message_number"),
             message.at("created_at")};
  shared_.found.see(what);
  if (knows_data_)
    shared_.found.see_data(what.id, message.contains("data") ? message["data"].dump() : "");
  shared_.found.count("deliveries");
  if (what.room != into.room)
    shared_.found.violation(name_of(into.room) +
                            " saw a message of another room: " + describe(what));
  if (what.id <= into.cursor())
    shared_.found.violation(name_of(into.room) + " saw " + describe(what) + " after id " +
                            std::to_string(into.cursor()));
  into.ids.push_back(what.id);
  read_to_ = what.id;
}

void client::handle_ack(const json& ack) {
  auto key = ack.at("key").get<std::string>();
  auto at = by_key_.find(key);
  if (at == by_key_.end())
    throw std::runtime_error{"an ack for a key that was never sent: " + ack.dump()};
  auto index = at->second;
  receipt got{ack.at("id"), ack.at("user_message_number")};
  auto& post = record_.posts[static_cast<std::size_t>(index)];
  if (ack.value("room", "").empty())
    shared_.found.violation("an ack names no room: " + ack.dump());
  if (post.ack && *post.ack != got) {
    if (knows_forks_ && !post.left_behind)
      shared_.found.violation("key " + key + " was acknowledged as id " +
                              std::to_string(post.ack->id) + ", then as " + ack.dump());
    post.earlier_acks.push_back(*post.ack);
  }
  post.ack = got;
  check_stored(post);
  unacked_.erase(index);
  shared_.found.count("acks");
  // The hub processes the frames of a connection in order, so all frames up to this one are
  // answered. Where a post was sent twice, the ack may belong to the first frame.
  auto& sent = connection_->sent;
  if (auto frame = std::find(sent.begin(), sent.end(), index); frame != sent.end())
    connection_->answered =
        std::max(connection_->answered, static_cast<std::size_t>(frame - sent.begin()) + 1);
}

void client::handle_error(const json& error) {
  auto code = error.at("code").get<std::string>();
  shared_.found.count("errors: " + code);
  const bool conflict = code == "key_conflict";
  if (code != "busy" && code != "too_fast" && code != "upgrading" && !conflict)
    throw std::runtime_error{"an error without a reason: " + error.dump()};
  if (!error.contains("key")) {
    ++connection_->keyless_errors;
    return;
  }
  auto at = by_key_.find(error.at("key"));
  if (at == by_key_.end())
    throw std::runtime_error{"an error for a key that was never sent: " + error.dump()};
  connection_->refused.insert(at->second);
  check_refused(record_.posts[static_cast<std::size_t>(at->second)], code);
  if (conflict) {
    // The message is stored in another room, to which it was sent before.
    const auto& post = record_.posts[static_cast<std::size_t>(at->second)];
    if (!post.key_is_shared && post.rooms.size() < 2)
      shared_.found.violation("no other message has the key of " + error.dump());
    unacked_.erase(at->second);
    return;
  }
  if (auto waiting = unacked_.find(at->second); waiting != unacked_.end())
    waiting->second = clock::now() + std::chrono::milliseconds{random_.between(100, 600)} *
                                         (code == "upgrading" ? 5 : 1);
}

} // namespace torture
