#include "tests/server/rooms_record.hpp"

#include <algorithm>

namespace test {

using nlohmann::json;

std::string describe(const shown_message& what) {
  return "id " + std::to_string(what.id) + " in " + what.room + ", number " +
         std::to_string(what.number) + " of " + what.connection + ", \"" + what.text.substr(0, 30) +
         '"';
}

connection_record::connection_record(std::string name, const std::string& first_room,
                                     std::optional<row_id> after, std::size_t max_rooms)
    : name_{std::move(name)}, first_room_{first_room}, max_rooms_{max_rooms} {
  add_subscription(first_room, after);
  subscriptions_.back().first = true;
}

void connection_record::violation(const std::string& what) {
  violations_.push_back(name_ + ' ' + what);
}

const subscription_record* connection_record::open(const std::string& room) const {
  const auto at = open_.find(room);
  return at == open_.end() ? nullptr : at->second;
}

std::vector<std::string> connection_record::open_rooms() const {
  std::vector<std::string> names;
  for (const auto& [room, subscription] : open_)
    names.push_back(room);
  return names;
}

// -- what is sent ---------------------------------------------------------------------------------

void connection_record::add_subscription(const std::string& room, std::optional<row_id> after) {
  auto& made = subscriptions_.emplace_back();
  made.room = room;
  made.after = after;
  made.known = newest_;
  open_[room] = &made;
  unended_[room].push_back(&made);
}

void connection_record::sent(const json& frame, std::optional<row_id> after) {
  const std::string type = frame.at("type");
  if (type == "message")
    return sent_message(frame);
  const std::string room = frame.at("room");
  const auto at = open_.find(room);
  if (type == "subscribe") {
    if (at != open_.end()) {
      errors_due_.emplace("already_subscribed", room, "");
    } else if (open_.size() >= max_rooms_) {
      errors_due_.emplace("too_many_rooms", room, "");
    } else {
      add_subscription(room, after);
      if (frame.contains("most"))
        subscriptions_.back().most = frame["most"];
    }
  } else if (at == open_.end()) {
    errors_due_.emplace("not_subscribed", room, "");
  } else {
    at->second->left = true;
    open_.erase(at);
  }
}

void connection_record::sent_message(const json& frame) {
  const std::string room = frame.value("room", first_room_), key = frame.value("key", "");
  if (!open_.contains(room)) {
    errors_due_.emplace("not_subscribed", room, key);
    return;
  }
  if (const auto again = post_by_key_.find(key); !key.empty() && again != post_by_key_.end()) {
    ++posts_[again->second].acks_due;
    return;
  }
  if (!key.empty())
    post_by_key_[key] = posts_.size();
  posts_.push_back({room, frame.at("text"), key, key.empty() ? 0 : 1});
}

// -- what arrives ---------------------------------------------------------------------------------

void connection_record::received(const json& frame) {
  const std::string type = frame.at("type");
  if (id_.empty() && type != "init")
    violation("got a frame before init: " + frame.dump());
  if (type == "init" || type == "subscribed")
    return answer(frame, type == "init");
  if (type == "unsubscribed")
    return unsubscribed(frame);
  if (type == "ack")
    return acked(frame);
  if (type == "error")
    return refused(frame);
  if (type != "message" && type != "presence")
    return violation("got a frame that is not due: " + frame.dump());
  auto* const to = frame.contains("room") ? current(frame["room"]) : nullptr;
  if (to == nullptr || !to->answered)
    violation("got this for a room without a subscription: " + frame.dump());
  else if (type == "message")
    show(*to, frame);
  else
    to->online = frame.at("online");
}

/// The subscription that a frame about the room belongs to. Null if there is none.
subscription_record* connection_record::current(const std::string& room) {
  const auto at = unended_.find(room);
  return at == unended_.end() || at->second.empty() ? nullptr : at->second.front();
}

void connection_record::answer(const json& frame, bool init) {
  auto* const to = frame.contains("room") ? current(frame["room"]) : nullptr;
  if (to == nullptr || to->answered || to->first != init)
    return violation("got an answer that is not due: " + frame.dump().substr(0, 300));
  const std::string log = frame.at("log");
  if (init) {
    id_ = frame.at("connection_id");
    log_ = log;
  } else if (log != log_) {
    violation("was told of another log: " + frame.dump().substr(0, 300));
  }
  to->answered = true;
  to->resumed = frame.at("resumed");
  if (frame.contains("missed"))
    to->missed = frame["missed"];
  for (const auto& message : frame.at("history"))
    show(*to, message);
  to->history = to->ids.size();
  if (frame.contains("fork"))
    violation("was told of a fork: " + frame.dump().substr(0, 300));
}

void connection_record::show(subscription_record& to, const json& message) {
  const shown_message what{message.at("id"), message.value("room", ""), message.at("text"),
                           message.at("connection_id"), message.at("user_message_number")};
  if (what.room != to.room)
    violation("got a message of another room in " + to.room + ": " + describe(what));
  if (const auto before = to.cursor().value_or(0); what.id <= before)
    violation("was shown, after id " + std::to_string(before) + ", " + describe(what));
  if (const auto [at, isnew] = shown_.try_emplace(what.id, what); !isnew && at->second != what)
    violation("was shown a message in two forms: " + describe(what));
  to.ids.push_back(what.id);
  newest_ = std::max(newest_, what.id);
}

void connection_record::unsubscribed(const json& frame) {
  auto* const ends = current(frame.at("room"));
  if (ends == nullptr || !ends->left || (ends->first && !ends->answered))
    return violation("got an unsubscribed that is not due: " + frame.dump());
  ends->ended = true;
  unended_[ends->room].pop_front();
}

void connection_record::acked(const json& frame) {
  const auto at = post_by_key_.find(frame.at("key"));
  if (at == post_by_key_.end())
    return violation("got an ack for no message: " + frame.dump());
  auto& post = posts_[at->second];
  const std::pair<row_id, int> got{frame.at("id"), frame.at("user_message_number")};
  if (--post.acks_due < 0 || frame.value("room", "") != post.room || post.ack.value_or(got) != got)
    violation("got a wrong ack, " + frame.dump() + ", in the room " + post.room);
  post.ack = got;
}

void connection_record::refused(const json& frame) {
  if (frame.at("code") == "busy")
    return busy(frame);
  const error got{frame.at("code"), frame.value("room", ""), frame.value("key", "")};
  const auto at = errors_due_.find(got);
  if (at == errors_due_.end())
    violation("got an error that is not due: " + frame.dump());
  else
    errors_due_.erase(at);
}

/// A hub that cannot store anything for a second, as on a busy machine, may refuse any message.
void connection_record::busy(const json& frame) {
  if (!frame.contains("key")) {
    ++keyless_refusals_;
    return;
  }
  const auto at = post_by_key_.find(frame["key"]);
  if (at == post_by_key_.end() || posts_[at->second].room != frame.value("room", ""))
    return violation("got an error for no message: " + frame.dump());
  --posts_[at->second].acks_due;
  posts_[at->second].refused = true;
}

// -- what is due ----------------------------------------------------------------------------------

std::string connection_record::due() const {
  if (id_.empty())
    return "init";
  for (const auto& each : subscriptions_)
    if (each.left ? !each.ended : !each.answered)
      return (each.left ? "unsubscribed of " : "subscribed of ") + each.room;
  for (const auto& each : posts_)
    if (each.acks_due > 0)
      return "the ack of " + each.key;
  if (!errors_due_.empty())
    return "an error, " + std::get<0>(*errors_due_.begin());
  return "";
}

bool connection_record::settled() const {
  return due().empty();
}

} // namespace test
