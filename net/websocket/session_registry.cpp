#include "net/websocket/session_registry.hpp"

namespace hubbub {

namespace {

constexpr std::chrono::seconds slow_after{1};

} // namespace

void session_registry::add(session_ref ref, session_ptr s) {
  index_.add(ref, s.get());
  sessions_.emplace(ref, std::move(s));
}

void session_registry::remove(session_ref ref) {
  index_.remove(ref);
  sessions_.erase(ref);
}

session_interface* session_registry::find(session_ref ref) const {
  const auto at = sessions_.find(ref);
  return at == sessions_.end() ? nullptr : at->second.get();
}

std::vector<session_registry::session_ptr> session_registry::all() const {
  std::vector<session_ptr> out;
  out.reserve(sessions_.size());
  for (const auto& [ref, s] : sessions_)
    out.push_back(s);
  return out;
}

void session_registry::end_all() {
  for (const auto& [ref, s] : std::exchange(sessions_, {}))
    s->end();
}

void session_registry::resume_waiting() {
  for (const auto ref : std::exchange(waiting_for_budget_, {}))
    if (auto* const s = find(ref))
      s->resume_reading(); // a session that still may not read registers again
}

void session_registry::set_slow(session_interface& s, bool slow) {
  if (slow)
    slow_.try_emplace(&s, now_);
  else
    slow_.erase(&s);
}

void session_registry::shed_slow() {
  std::vector<session_ptr> slow;
  for (const auto& [session, since] : slow_)
    slow.push_back(session->self());
  for (const auto& each : slow)
    each->shed();
}

void session_registry::give_turns() {
  for (const auto& [session, since] : slow_)
    if (now_ - since >= slow_after)
      session->take_turns();
}

slow_readers session_registry::find_slow() const {
  slow_readers out;
  for (const auto& [session, since] : slow_) {
    if (now_ - since < slow_after)
      continue;
    const auto lag = session->lag();
    ++out.count;
    out.lag.messages += lag.messages;
    out.lag.bytes += lag.bytes;
    out.worst.push_back({session->id(), lag});
  }
  keep_worst(out.worst);
  return out;
}

std::vector<session_info> session_registry::newest(session_ref before, std::size_t limit) {
  std::vector<session_info> out;
  index_.newest(before, limit, [&out](session_interface& s) { out.push_back(s.info()); });
  return out;
}

void session_registry::check_silence(clock::duration ping_after) {
  std::vector<session_ptr> silent;
  for (const auto& [ref, s] : sessions_)
    if (s->last_received() < now_ - ping_after)
      silent.push_back(s);
  for (const auto& s : silent)
    s->check_silence();
}

void session_registry::tick() {
  now_ = clock::now();
  for (const auto ref : std::exchange(holding_longer_, std::exchange(holding_, {})))
    if (auto* const s = find(ref))
      s->release_output();
}

} // namespace hubbub
