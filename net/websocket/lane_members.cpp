// The part of the lane that registers sessions: in which room each is, and its timers.
// Knows: which sessions wait, are silent, or expire. Must not know: what is sent to them.
#include "net/websocket/lane.hpp"

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr auto tick_every = 1s, check_silence_every = 5s;

} // namespace

session_ref lane::add(std::shared_ptr<session_interface> s) {
  const auto ref = counters_->next_session_id();
  session_index_.add(ref, s.get());
  sessions_.emplace(ref, std::move(s));
  return ref;
}

void lane::remove(session_ref ref) {
  session_index_.remove(ref);
  sessions_.erase(ref);
  token_expiry_.erase(ref);
}

void lane::join_room(room_ref ref, session_interface& s) {
  auto& to = rooms_[ref];
  s.room_slot = {ref, to.members.size(), to.sent};
  to.members.push_back({s.fd(), &s});
}

void lane::leave_room(session_interface& s) {
  const auto [ref, index, room_sent_at_join] = s.room_slot;
  if (ref == 0)
    return;
  s.room_slot = {};
  const auto at = rooms_.find(ref);
  s.sent_before_join += at->second.sent - room_sent_at_join;
  auto& members = at->second.members;
  if (index + 1 < members.size()) {
    members[index] = members.back();
    members[index].session->room_slot.index = index;
  }
  members.pop_back();
  if (members.empty())
    empty_rooms_.push_back(ref); // erased later: the caller may be sending to this room
}

void lane::erase_empty_rooms() {
  for (const auto ref : std::exchange(empty_rooms_, {}))
    if (const auto at = rooms_.find(ref); at != rooms_.end() && at->second.members.empty())
      rooms_.erase(at);
}

void lane::set_busy(session_interface& s, bool busy) {
  if (s.room_slot.room)
    rooms_.find(s.room_slot.room)->second.members[s.room_slot.index].fd = busy ? -1 : s.fd();
}

void lane::set_slow(session_interface& s, bool slow) {
  if (slow)
    slow_.try_emplace(&s, now_);
  else
    slow_.erase(&s);
}

void lane::count_written(std::size_t bytes, std::uint32_t messages) {
  counters_->add(counter::sent_bytes, bytes);
  counters_->add(counter::delivered, messages);
}

// -- time -----------------------------------------------------------------------------------------

void lane::resume_waiting_sessions() {
  for (const auto ref : std::exchange(waiting_for_budget_, {}))
    if (const auto at = sessions_.find(ref); at != sessions_.end())
      at->second->resume_reading(); // a session that still may not read registers again
}

/// Closes the sessions whose token has expired. Tokens expire by the system clock, which may be set
/// back or forward, so that no timer can replace the check.
void lane::close_expired() {
  const auto now = std::chrono::system_clock::now();
  for (auto at = token_expiry_.begin(); at != token_expiry_.end();) {
    const auto [ref, when] = *at;
    at = now < when ? std::next(at) : token_expiry_.erase(at);
    if (now >= when)
      std::shared_ptr(sessions_.at(ref))->close(4401, "the token has expired");
  }
}

void lane::tick() {
  heartbeat_->beat();
  heartbeat_->expect();
  now_ = clock::now();
  resume_waiting_sessions();
  erase_empty_rooms();
  close_expired();
  update_slow_readers();
  for (const auto ref : std::exchange(holding_longer_, std::exchange(holding_, {})))
    if (const auto at = sessions_.find(ref); at != sessions_.end())
      at->second->release_output();
  if (now_ - silence_checked_at_ >= check_silence_every) {
    silence_checked_at_ = now_;
    std::vector<std::shared_ptr<session_interface>> silent;
    for (const auto& [ref, s] : sessions_)
      if (s->last_received() < now_ - limits_.ping_after)
        silent.push_back(s);
    for (const auto& s : silent)
      s->check_silence();
  }
  tick_timer_.expires_after(tick_every);
  tick_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      tick();
  });
}

} // namespace hubbub
