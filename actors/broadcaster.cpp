#include "actors/broadcaster.hpp"

#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

/// The time between two announcements of the number of people: to a room, and to the other hubs.
constexpr std::chrono::seconds announce_every{1};

/// The milliseconds until the first client comes back after the log was replaced.
constexpr std::size_t first_return = 100;

} // namespace

broadcaster_actor::behavior_type broadcaster_state::start(pointer self, history_actor history,
                                                          broadcaster_settings settings) {
  self_ = self;
  history_ = std::move(history);
  settings_ = std::move(settings);
  return {
      [this](const log_opened& now) { open_log(now); },
      [this](const batch_ptr& what) { publish(*what); },
      [this](const attach& a) { attach_session(a); },
      [this](const unsubscribe& u) { unsubscribe_session(u); },
      [this](peer_presence& update) { apply_remote(update); },
      [this](report_atom) { report_presence(); },
      [this](load_tails_atom) { load_tails(); },
      [this](shed_atom) { shed(); },
      [this](const announce_presence& due) { announce_count(due); },
      [this](room_stats_atom) { return ranking_.take(log_); },
      [](const heartbeat_request& r) { r.heartbeat->beat(); },
      [](drain_atom) { return true; }, // publication ends before its handler returns
  };
}

void broadcaster_state::open_log(const log_opened& now) {
  log_ = now.log;
  advance_head(now.newest);
  if (now.anew)
    reset_rooms();
  load_tails();
}

/// Called when the log was replaced: cursors, tails and pages belong to the old log. All clients
/// are sent away, and the `init` that they get when they come back names the new log. Each room
/// gets a new number, so that new sessions are not sent what was published under the old one.
void broadcaster_state::reset_rooms() {
  std::set<session_sink*> sinks;
  unloaded_rooms_.clear();
  for (auto& [name, room] : rooms_) {
    for (const auto& [sink, count] : room.members)
      sinks.insert(sink);
    room.ref = ++last_room_;
    room.announcing = false;
    room.newcomers.clear();
    room.hot_tail.reset();
    room.published_while_loading.clear();
    if (!room.waiting_for_tail.empty())
      unloaded_rooms_.emplace(room.ref, name);
  }
  send_away_for_restart(sinks, first_return);
  for (auto& [cursor, a] : std::exchange(waiting_for_head_, {}))
    attach_session(std::move(a));
}

void broadcaster_state::advance_head(row_id head) {
  head_ = head;
  settings_.counters->newest.store(head, std::memory_order_relaxed);
}

void broadcaster_state::publish(const batch& what) {
  std::unordered_map<std::string_view, std::vector<const message*>> by_room;
  for (const auto& row : what.rows)
    by_room[row.room].push_back(&row);
  for (const auto& [name, rows] : by_room)
    if (const auto at = rooms_.find(std::string(name)); at != rooms_.end())
      publish(at->second, rows, what.credit);
  if (!what.rows.empty())
    advance_head(what.rows.back().id);
  answer_reached();
}

void broadcaster_state::publish(room& to, std::span<const message* const> rows,
                                const batch_credit& credit) {
  const auto size = settings_.memory->level() < pressure::shed ? settings_.chunk_bytes
                                                               : settings_.chunk_bytes / 8;
  while (!rows.empty()) {
    auto piece = encode(rows, size);
    rows = rows.subspan(piece.marks.size());
    piece.frames.published = std::chrono::steady_clock::now();
    std::optional<chunk> small;
    for (const auto& [sink, count] : to.members)
      if (!sink->deflates())
        sink->publish(to.ref, piece.frames, credit);
      else {
        if (!small)
          small = (deflate_ ? *deflate_ : deflate_.emplace())(piece);
        sink->publish(to.ref, *small, credit);
      }
    if (to.hot_tail) {
      to.hot_tail->append(std::move(piece));
      drop_tail_over_budget(to);
    } else if (!to.waiting_for_tail.empty() &&
               !unloaded_rooms_.count(to.ref)) // otherwise the page to be requested holds it
      to.published_while_loading.push_back(std::move(piece));
  }
}

void broadcaster_state::attach_session(attach a) {
  if (a.is_member && !rooms_.count(a.room))
    return; // the session was closed while the attach was in flight
  const auto [at, inserted] = rooms_.try_emplace(a.room);
  auto& to = at->second;
  if (inserted)
    to.ref = ++last_room_;
  if (!std::exchange(a.is_member, true)) {
    ++to.members[a.sink];
    ranking_.move(at->first, to.online, to.online + 1);
    ++to.online;
    presence_changed(a.room);
    count_changed(a.room, to);
  }
  if (to.hot_tail)
    answer_attach(to, std::move(a));
  else {
    if (to.waiting_for_tail.empty())
      unloaded_rooms_.emplace(to.ref, a.room);
    to.waiting_for_tail.push_back(std::move(a));
    load_tails();
  }
}

void broadcaster_state::unsubscribe_session(const unsubscribe& u) {
  const auto at = rooms_.find(u.room);
  if (at == rooms_.end())
    return;
  auto& [name, room] = *at;
  if (const auto sink = room.members.find(u.sink);
      sink != room.members.end() && --sink->second == 0)
    room.members.erase(sink);
  presence_changed(name);
  ranking_.move(name, room.online, room.online - 1);
  if (--room.online == 0) {
    unloaded_rooms_.erase(room.ref);
    rooms_.erase(at);
  } else
    count_changed(name, room);
}

/// Schedules an announcement, unless one is scheduled already. All changes within a second share
/// one announcement.
void broadcaster_state::count_changed(const std::string& name, room& in) {
  if (!std::exchange(in.announcing, true))
    self_->delayed_send(self_, announce_every, announce_presence{name, in.ref});
}

void broadcaster_state::announce_count(const announce_presence& due) {
  const auto at = rooms_.find(due.room);
  if (at == rooms_.end() || at->second.ref != due.ref)
    return;
  auto& to = at->second;
  to.announcing = false;
  const auto newcomers = std::exchange(to.newcomers, {});
  const auto online = to.online + presence_.in_peers(due.room);
  std::string bytes;
  append_frame(bytes, wire::presence_event(due.room, std::size_t(online)));
  if (std::exchange(to.announced, online) == online) {
    for (const auto& [sink, session] : newcomers) // the other members know this number
      sink->reply(session, bytes, {}, 0);
    return;
  }
  const chunk event{make_shared_bytes(std::move(bytes)), head_, head_, 0, {}};
  for (const auto& [sink, count] : to.members)
    sink->publish(to.ref, event, {});
}

/// Schedules a report to the other hubs. At most one report per second holds the changes of all
/// rooms.
void broadcaster_state::presence_changed(const std::string& name) {
  if (settings_.peers && presence_.mark_changed(name))
    self_->delayed_send(self_, announce_every, report_atom_v);
}

void broadcaster_state::report_presence() {
  std::vector<room_count> here;
  for (auto& name : presence_.take_changed()) {
    const auto at = rooms_.find(name);
    here.push_back({name, at == rooms_.end() ? 0 : at->second.online});
  }
  settings_.peers->publish(here);
}

void broadcaster_state::apply_remote(peer_presence& update) {
  presence_.apply_remote(std::move(update.counts), update.snapshot,
                         [this](const std::string& name) {
                           if (const auto at = rooms_.find(name); at != rooms_.end())
                             count_changed(name, at->second);
                         });
  if (update.reconnected)
    for (const auto& [name, room] : rooms_)
      presence_changed(name);
}

} // namespace hubbub
