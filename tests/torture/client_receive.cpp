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
  else if (type == "message")
    handle_message(frame, reading_->room);
  else if (type == "ack")
    handle_ack(frame);
  else if (type == "error")
    handle_error(frame);
  else if (type == "fork")
    handle_fork(frame);
  else if (type != "presence")
    throw std::runtime_error{"an unknown frame: " + frame.dump()};
  if (type == "error")
    plan.send = std::max(plan.send, clock::now() + 100ms);
}

void client::handle_init(const json& init) {
  if (std::exchange(greeted_, true))
    throw std::runtime_error{"a second init on one connection"};
  connection_->id = init.at("connection_id");
  if (!shared_.is_log(init.at("log")))
    throw std::runtime_error{"the log has another UUID: " + init.dump().substr(0, 300)};
  const bool comes_back = reading_->opened || reading_->after;
  const bool resumed = init.at("resumed");
  if (comes_back && !resumed)
    shared_.found.violation("client " + std::to_string(index_) + " came back to " + room_ +
                            " with cursor " + std::to_string(reading_->cursor()) +
                            " and was not resumed");
  if (!resumed && comes_back)
    record_.current = reading_ = &record_.readings.emplace_back(reading{.room = room_});
  if (resumed) {
    shared_.found.count("resumes");
    if (!init.at("history").empty())
      shared_.found.violation("a resumed init has history");
    reading_->resumed.push_back(reading_->ids.size());
    if (init.contains("fork"))
      handle_fork(init.at("fork"));
  }
  reading_->opened = true;
  for (auto& message : init.at("history"))
    handle_message(message, room_);
  if (!resumed)
    reading_->history = init.at("history").size();
  connection_->known = reading_->cursor();
}

void client::handle_message(const json& message, const std::string& room) {
  shown what{message.at("id"),
             room,
             message.at("text"),
             message.at("connection_id"),
             message.at("user_message_number"),
             message.at("created_at")};
  shared_.found.see(what);
  shared_.found.count("deliveries");
  if (what.id <= reading_->cursor())
    shared_.found.violation("client " + std::to_string(index_) + " in " + room + " saw " +
                            describe(what) + " after id " + std::to_string(reading_->cursor()));
  reading_->ids.push_back(what.id);
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
  if (post.ack && *post.ack != got) {
    if (knows_forks_ && !post.left_behind)
      shared_.found.violation("key " + key + " was acknowledged as id " +
                              std::to_string(post.ack->id) + ", then as " + ack.dump());
    post.earlier_acks.push_back(*post.ack);
  }
  post.ack = got;
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
  if (code != "busy" && code != "too_fast")
    throw std::runtime_error{"an error without a reason: " + error.dump()};
  if (!error.contains("key")) {
    ++connection_->keyless_errors;
    return;
  }
  auto at = by_key_.find(error.at("key"));
  if (at == by_key_.end())
    throw std::runtime_error{"an error for a key that was never sent: " + error.dump()};
  connection_->refused.insert(at->second);
  if (auto waiting = unacked_.find(at->second); waiting != unacked_.end())
    waiting->second = clock::now() + std::chrono::milliseconds{random_.between(100, 600)};
}

} // namespace torture
