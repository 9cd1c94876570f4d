// What a client hears, and what it makes of it at once: whatever can be judged without the table is
// judged here.
#include "tests/torture/client.hpp"

#include <algorithm>

namespace torture {

using nlohmann::json;
using namespace std::chrono_literals;

void client::hear(const json& frame, plan& plan) {
  auto type = frame.at("type").get<std::string>();
  if (!greeted_ && type != "init" && !std::exchange(sitting_->ungreeted, true))
    where_.notes.violation("client " + std::to_string(index_) + " was not greeted by init but by " +
                           frame.dump());
  if (type == "init")
    begin(frame);
  else if (type == "message")
    note(frame, reading_->room);
  else if (type == "ack")
    take_ack(frame);
  else if (type == "error")
    take_error(frame);
  else if (type != "presence")
    throw std::runtime_error{"an unknown frame: " + frame.dump()};
  if (type == "error")
    plan.talk = std::max(plan.talk, clock::now() + 100ms);
}

void client::begin(const json& init) {
  if (std::exchange(greeted_, true))
    throw std::runtime_error{"a second init on one connection"};
  sitting_->connection = init.at("connection_id");
  if (!where_.is_log(init.at("log")))
    throw std::runtime_error{"the log changed its name: " + init.dump().substr(0, 300)};
  const bool comes_back = reading_->opened || reading_->after;
  const bool resumed = init.at("resumed");
  if (comes_back && !resumed)
    where_.notes.violation("client " + std::to_string(index_) + " came back to " + room_ +
                           " with cursor " + std::to_string(reading_->cursor()) +
                           " and was not resumed");
  if (!resumed && comes_back)
    reading_ = &diary_.readings.emplace_back(reading{.room = room_});
  if (resumed) {
    where_.notes.count("resumes");
    if (!init.at("history").empty())
      where_.notes.violation("a resumed init has history");
    reading_->resumed.push_back(reading_->ids.size());
  }
  reading_->opened = true;
  for (auto& message : init.at("history"))
    note(message, room_);
  if (!resumed)
    reading_->history = init.at("history").size();
}

void client::note(const json& message, const std::string& room) {
  shown what{message.at("id"),
             room,
             message.at("text"),
             message.at("connection_id"),
             message.at("user_message_number"),
             message.at("created_at")};
  where_.notes.see(what);
  where_.notes.count("deliveries");
  if (what.id <= reading_->cursor())
    where_.notes.violation("client " + std::to_string(index_) + " in " + room + " saw " +
                           describe(what) + " behind id " + std::to_string(reading_->cursor()));
  reading_->ids.push_back(what.id);
  read_to_ = what.id;
}

void client::take_ack(const json& ack) {
  auto key = ack.at("key").get<std::string>();
  auto at = by_key_.find(key);
  if (at == by_key_.end())
    throw std::runtime_error{"an ack for a key that was never sent: " + ack.dump()};
  auto index = at->second;
  receipt got{ack.at("id"), ack.at("user_message_number")};
  auto& known = diary_.posts[static_cast<std::size_t>(index)].ack;
  if (known && *known != got)
    where_.notes.violation("key " + key + " was acknowledged as id " + std::to_string(known->id) +
                           ", then as " + ack.dump());
  known = got;
  unacked_.erase(index);
  where_.notes.count("acks");
  // A connection's frames are judged in their order. A repeated one may be the earlier of its kind.
  auto& said = sitting_->said;
  if (auto frame = std::find(said.begin(), said.end(), index); frame != said.end())
    sitting_->dealt_with =
        std::max(sitting_->dealt_with, static_cast<std::size_t>(frame - said.begin()) + 1);
}

void client::take_error(const json& error) {
  auto code = error.at("code").get<std::string>();
  where_.notes.count("errors: " + code);
  if (code != "busy" && code != "too_fast")
    throw std::runtime_error{"an error that nobody earned: " + error.dump()};
  if (!error.contains("key")) {
    ++sitting_->nameless_errors;
    return;
  }
  auto at = by_key_.find(error.at("key"));
  if (at == by_key_.end())
    throw std::runtime_error{"an error for a key that was never sent: " + error.dump()};
  sitting_->refused.insert(at->second);
  if (auto waiting = unacked_.find(at->second); waiting != unacked_.end())
    waiting->second = clock::now() + std::chrono::milliseconds{dice_.between(100, 600)};
}

} // namespace torture
