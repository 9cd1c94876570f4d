// What a client says: something new, something again because nobody has acknowledged it, something
// twice because clients do that.
#include "tests/torture/client.hpp"

namespace torture {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t most_unacked = 100;

std::string filler(dice& by) {
  static const std::vector<std::string> words{"plain ",     "\"quoted\" ", "back\\slash ",
                                              "new\nline ", "žluťoučký ",  "😀😀 ",
                                              "'; -- ",     "\t{}[] "};
  std::string text;
  auto most = by.chance(0.2) ? 100 : 12;
  for (int left = by.between(0, most); left > 0; --left)
    text += by.pick(words);
  return text;
}

} // namespace

void client::talk(line& to, plan& plan) {
  if (to.unsent() > 65536 || where_.hush)
    return;
  auto now = clock::now();
  const bool storm = where_.now == phase::storm;
  say_again(to);
  if (!storm || now < plan.talk)
    return;
  auto burst = !steady_ && dice_.chance(0.05) ? dice_.between(5, 40) : 1;
  for (int i = 0; i < burst; ++i)
    say_new(to);
  if (dice_.chance(0.05))
    to.ping();
  plan.talk = now + (steady_ ? 50ms : dice_.pause(250ms));
}

void client::say_new(line& to) {
  if (unacked_.size() >= most_unacked)
    return;
  auto index = static_cast<row_id>(diary_.posts.size());
  std::optional<post> borrowed;
  if (dice_.chance(0.03))
    borrowed = where_.borrow(dice_);
  if (borrowed && !by_key_.contains(borrowed->key)) {
    diary_.posts.push_back({{}, borrowed->text, borrowed->key, {}});
    where_.notes.count("keys of another client");
  } else {
    auto name = std::to_string(index_) + '.' + std::to_string(index);
    auto key = steady_ || dice_.chance(0.75) ? "k " + name : "";
    diary_.posts.push_back({{}, name + ' ' + filler(dice_), key, {}});
    if (!key.empty() && dice_.chance(0.04))
      where_.lend(diary_.posts.back());
  }
  where_.notes.count("messages meant");
  auto& key = diary_.posts.back().key;
  if (!key.empty()) {
    by_key_[key] = index;
    unacked_[index] = clock::now() + 8s;
  }
  say(to, index);
  if (!key.empty() && dice_.chance(0.04))
    say(to, index); // in one breath
  if (auto old = dice_.between<row_id>(0, index);
      dice_.chance(0.02) && diary_.posts[static_cast<std::size_t>(old)].ack)
    say(to, old); // long acknowledged
}

void client::say(line& to, row_id index) {
  auto& what = diary_.posts[static_cast<std::size_t>(index)];
  what.rooms.insert(room_);
  json frame{{"type", "message"}, {"text", what.text}};
  if (!what.key.empty())
    frame["key"] = what.key;
  to.send(frame.dump());
  sitting_->said.push_back(index);
  where_.notes.count("messages sent");
}

void client::say_again(line& to) {
  auto now = clock::now();
  for (auto at = unacked_.begin(); at != unacked_.end();) {
    auto& [index, due] = *at;
    if (now < due) {
      ++at;
      continue;
    }
    auto& what = diary_.posts[static_cast<std::size_t>(index)];
    if (where_.now == phase::storm && dice_.chance(0.02)) {
      what.given_up = true;
      at = unacked_.erase(at);
      continue;
    }
    due = now + (where_.now == phase::storm ? 8s : 4s);
    say(to, index);
    where_.notes.count("messages sent again");
    ++at;
  }
}

} // namespace torture
