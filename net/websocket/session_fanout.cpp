#include "net/websocket/session_fanout.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

chunk merged(std::vector<chunk>& all, std::size_t bytes) {
  if (all.size() == 1)
    return std::move(all.front());
  std::string out;
  out.reserve(bytes);
  std::uint32_t messages = 0;
  for (const auto& c : all) {
    out += *c.bytes;
    messages += c.messages;
  }
  return {make_shared_bytes(std::move(out)), all.front().first, all.back().last, messages, {}};
}

} // namespace

// -- chunks ---------------------------------------------------------------------------------------

void session_fanout::publish(channel to_channel, chunk what) {
  const auto at = rooms_.find(to_channel);
  if (at == rooms_.end())
    return;
  auto& to = at->second;
  published_ = std::max(published_, what.last);
  const auto merge = memory_->level() < pressure::shed ? merge_ : merge_ / 8;
  if (to.waiting_bytes && to.waiting_bytes + what.bytes->size() > merge)
    send(to);
  if (to.waiting.empty())
    unsent_.push_back(to_channel);
  to.waiting_bytes += what.bytes->size();
  to.waiting.push_back(std::move(what));
}

void session_fanout::send_room(const channel& to, bool alone) {
  if (const auto at = rooms_.find(to); at != rooms_.end())
    send(at->second, alone);
}

void session_fanout::send_all() {
  for (const auto& each : unsent_) {
    if (round_.size() >= most_waiting)
      flush_all();
    send_room(each, unsent_.size() == 1);
  }
  unsent_.clear();
  flush_all();
}

void session_fanout::flush_later(fanout_member& member) {
  if (!std::exchange(member.to_be_flushed, true))
    to_flush_.push_back(&member);
}

void session_fanout::forget(fanout_member& member) {
  clear_waiting(member);
  if (std::exchange(member.to_be_flushed, false))
    std::replace(to_flush_.begin(), to_flush_.end(), &member, static_cast<fanout_member*>(nullptr));
}

void session_fanout::flush_all() {
  for (std::size_t i = 0; i < to_flush_.size(); ++i) // a flush may add members
    if (auto* const next = to_flush_[i]) {
      next->to_be_flushed = false;
      next->flush();
    }
  to_flush_.clear();
  round_.clear();
  if (offered_.empty())
    return;
  const auto done = clock::now();
  for (const auto& each : offered_)
    counters_->add_time(counter::delivery, done - each.published, each.deliveries);
  offered_.clear();
}

void session_fanout::send(live_room& to, bool alone) {
  if (to.waiting.empty())
    return;
  const auto what = merged(to.waiting, to.waiting_bytes);
  to.waiting_bytes = 0;
  const auto* data = what.bytes->data();
  const auto size = what.bytes->size();
  std::uint64_t complete = 0, offered = 0, bytes = 0;
  bool kept = false;
  // Goes from the back: when a subscription leaves, the last member moves to its place, and that
  // member was served already.
  for (auto i = to.members.size(); i-- > 0;) {
    const auto member = to.members[i];
    if (const auto fd = alone ? member.fd_if_alone() : member.fd; fd >= 0) {
      const auto sent = write_(fd, data, size);
      if (sent == std::ptrdiff_t(size)) {
        ++complete;
        continue;
      }
      const auto written = sent < 0 ? 0 : std::size_t(sent);
      bytes += written;
      member.session->send_rest(member.number, what, written, to.shown);
    } else
      offered += offer(member, what, to.shown, kept); // the session counts its bytes itself
  }
  to.shown = what.last;
  to.sent += what.messages;
  counters_->add(counter::delivered, complete * what.messages);
  counters_->add(counter::sent_bytes, complete * size + bytes);
  const auto done = clock::now();
  for (const auto& c : to.waiting) {
    counters_->add_time(counter::delivery, done - c.published, complete * c.messages);
    if (offered && c.messages)
      offered_.push_back({c.published, offered * c.messages});
  }
  to.waiting.clear();
}

/// Adds the chunk to the member's list, and before that to the round unless it is `kept` there.
/// Returns whether the member will have the chunk and its peer takes bytes.
bool session_fanout::offer(const live_room::member& to, const chunk& what, row_id shown,
                           bool& kept) {
  auto& session = *to.session;
  if (session.waiting.empty()) {
    const auto capacity = session.begin_round();
    session.bytes_left = capacity.bytes;
    session.peer_takes_bytes = capacity.peer_takes_bytes;
  }
  const auto size = what.bytes->size();
  if (size > session.bytes_left)
    return session.exceed(to.number, what, shown);
  session.bytes_left -= std::uint32_t(size);
  if (!std::exchange(kept, true))
    round_.add(what, shown);
  round_.push(session.waiting, to.number);
  flush_later(session);
  return session.peer_takes_bytes;
}

// -- members --------------------------------------------------------------------------------------

void session_fanout::join(channel where, subscription& s) {
  auto& to = rooms_[where];
  send(to);
  to.what = where;
  s.room = &to;
  s.index = std::uint32_t(to.members.size());
  s.room_sent_at_join = to.sent;
  to.members.push_back({live_room::member::waiting_fd(s.session->fd()), s.number, s.session});
  // The log has no row of the room between the last one that was sent and this cursor.
  to.shown = std::max(to.shown, s.cursor);
}

void session_fanout::leave(subscription& s) {
  if (!s.room)
    return;
  auto& from = *std::exchange(s.room, nullptr);
  auto& members = from.members;
  if (s.index + 1 < members.size()) {
    const auto& moved = members[s.index] = members.back();
    moved.session->live_subscription(moved.number).index = s.index;
  }
  members.pop_back();
  if (members.empty())
    empty_rooms_.push_back(from.what); // erased later: the caller may be sending to this room
}

void session_fanout::set_direct(subscription& s, bool direct) {
  if (s.room)
    s.room->members[s.index].fd =
        direct ? s.session->fd() : live_room::member::waiting_fd(s.session->fd());
}

void session_fanout::erase_empty_rooms() {
  for (const auto& each : std::exchange(empty_rooms_, {}))
    if (const auto at = rooms_.find(each); at != rooms_.end() && at->second.members.empty())
      rooms_.erase(at);
}

} // namespace hubbub
