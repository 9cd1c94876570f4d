// The lane's other half: who is in it, in which room, and what each second brings them.
// Knows: who comes, goes, waits or is silent. Must not know: what is sent to them.
#include "net/websocket/lane.hpp"

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr auto tick_every = 1s, sweep_every = 5s;

} // namespace

session_ref lane::add(std::shared_ptr<lane_session> s) {
  const auto ref = counted_->open();
  roll_.add(ref, s.get());
  sessions_.emplace(ref, std::move(s));
  return ref;
}

void lane::remove(session_ref ref) {
  roll_.remove(ref);
  sessions_.erase(ref);
  passes_.erase(ref);
}

void lane::join(room_ref ref, lane_session& s) {
  auto& to = rooms_[ref];
  s.seat = {ref, to.members.size(), to.sent};
  to.members.push_back({s.fd(), &s});
}

void lane::part(lane_session& s) {
  const auto [ref, index, sent] = s.seat;
  if (ref == 0)
    return;
  s.seat = {};
  const auto at = rooms_.find(ref);
  s.sent += at->second.sent - sent;
  auto& members = at->second.members;
  if (index + 1 < members.size()) {
    members[index] = members.back();
    members[index].who->seat.index = index;
  }
  members.pop_back();
  if (members.empty())
    emptied_.push_back(ref); // later: this may be in the midst of a send to the room
}

void lane::forget_emptied() {
  for (const auto ref : std::exchange(emptied_, {}))
    if (const auto at = rooms_.find(ref); at != rooms_.end() && at->second.members.empty())
      rooms_.erase(at);
}

void lane::set_busy(lane_session& s, bool busy) {
  if (s.seat.room)
    rooms_.find(s.seat.room)->second.members[s.seat.index].fd = busy ? -1 : s.fd();
}

void lane::set_slow(lane_session& s, bool slow) {
  if (slow)
    slow_.try_emplace(&s, now_);
  else
    slow_.erase(&s);
}

void lane::wrote(std::size_t bytes, std::uint32_t messages) {
  counted_->add(figure::sent_bytes, bytes);
  counted_->add(figure::delivered, messages);
}

// -- time -----------------------------------------------------------------------------------------

void lane::unpark() {
  for (const auto ref : std::exchange(parked_, {}))
    if (const auto at = sessions_.find(ref); at != sessions_.end())
      at->second->go_on(); // parks itself again if it must
}

/// By the wall clock, which may be set.
void lane::end_passes() {
  const auto now = std::chrono::system_clock::now();
  for (auto at = passes_.begin(); at != passes_.end();) {
    const auto [ref, when] = *at;
    at = now < when ? std::next(at) : passes_.erase(at);
    if (now >= when)
      std::shared_ptr(sessions_.at(ref))->close(4401, "the token has expired");
  }
}

void lane::tick() {
  heart_->beat();
  heart_->expect();
  now_ = clock::now();
  unpark();
  forget_emptied();
  end_passes();
  look_at_slow();
  for (const auto ref : std::exchange(held_longer_, std::exchange(held_, {})))
    if (const auto at = sessions_.find(ref); at != sessions_.end())
      at->second->release();
  if (now_ - swept_ >= sweep_every) {
    swept_ = now_;
    std::vector<std::shared_ptr<lane_session>> silent;
    for (const auto& [ref, s] : sessions_)
      if (s->silent_since() < now_ - limits_.ping_after)
        silent.push_back(s);
    for (const auto& s : silent)
      s->check_silence();
  }
  ticker_.expires_after(tick_every);
  ticker_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      tick();
  });
}

} // namespace hubbub
