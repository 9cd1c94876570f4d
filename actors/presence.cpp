#include "actors/presence.hpp"

#include "actors/wire.hpp"

namespace hubbub {

void presence::joined(const std::string& room, room_people& in) {
  ranking_.move(room, in.online, in.online + 1);
  ++in.online;
  mark_changed(room);
  announce_later(room, in);
}

void presence::left(const std::string& room, room_people& in) {
  mark_changed(room);
  ranking_.move(room, in.online, in.online - 1);
  if (--in.online > 0)
    announce_later(room, in);
}

void presence::add_newcomer(const std::string& room, room_people& in, room_people::subscriber who) {
  in.newcomers.insert(who);
  announce_later(room, in);
}

/// Schedules an announcement, unless one is scheduled already. All changes within a second share
/// one announcement.
void presence::announce_later(const std::string& room, room_people& in) {
  if (!std::exchange(in.announcing, true))
    owner_.announce_later(room, in.room);
}

std::optional<room_event> presence::announce(const std::string& room, room_people& in) {
  in.announcing = false;
  const auto newcomers = std::exchange(in.newcomers, {});
  const auto online = in.online + in_peers(room);
  room_event event{"presence", wire::presence_event(room, std::size_t(online))};
  if (std::exchange(in.announced, online) != online)
    return event;
  for (const auto& [sink, session, subscription, how] : newcomers) // the others know this number
    sink->notify(session, subscription, encode({&event, 1}, how));
  return {};
}

void presence::forget_announcements(room_people& in) {
  in.announcing = false;
  in.newcomers.clear();
}

void presence::mark_changed(const std::string& room) {
  if (!peers_)
    return;
  if (changed_.insert(room).second && changed_.size() == 1)
    owner_.report_later();
}

void presence::report() {
  std::vector<room_count> here;
  for (const auto& room : std::exchange(changed_, {})) {
    const auto* people = owner_.find(room);
    here.push_back({room, people ? people->online : 0});
  }
  peers_->publish(here);
}

std::int64_t presence::in_peers(const std::string& room) const {
  const auto at = peer_counts_.find(room);
  return at == peer_counts_.end() ? 0 : at->second;
}

void presence::apply_remote(peer_presence& update) {
  const auto changed = [this](const std::string& room) {
    if (auto* people = owner_.find(room))
      announce_later(room, *people);
  };
  auto before = update.snapshot ? std::exchange(peer_counts_, {}) : decltype(peer_counts_){};
  for (auto& [room, online] : update.counts) {
    auto& old = update.snapshot ? before : peer_counts_;
    const auto at = old.find(room);
    const auto was = at == old.end() ? 0 : at->second;
    if (at != old.end())
      old.erase(at);
    if (was != online)
      changed(room);
    if (online)
      peer_counts_.emplace(std::move(room), online);
  }
  for (const auto& [room, online] : before)
    changed(room);
}

} // namespace hubbub
