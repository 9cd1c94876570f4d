#include "actors/broadcaster.hpp"

#include "actors/frame.hpp"
#include "actors/wire.hpp"

#include <algorithm>

namespace hubbub {

namespace {

constexpr std::chrono::seconds announce_every{1};

/// Milliseconds after which the first client comes back when the log was replaced.
constexpr std::size_t first_return = 100;

} // namespace

broadcaster_actor::behavior_type broadcaster_state::start(pointer self, history_actor past,
                                                          broadcaster_settings settings) {
  self_ = self;
  past_ = std::move(past);
  settings_ = std::move(settings);
  return {
      [this](const opened& now) { open(now); },
      [this](const batch_ptr& what) { publish(*what); },
      [this](const attach& a) { join(a); },
      [this](const leave& l) { part(l); },
      [this](peer_presence& update) { apply_remote(update); },
      [this](report_atom) { report(); },
      [this](retry_atom) { load(); },
      [this](shed_atom) { shed(); },
      [this](const announce& due) { tell_count(due); },
      [this](census_atom) { return ranks_.take(log_); },
      [](const expected& e) { e.of->beat(); },
      [](drain_atom) { return true; }, // publishing is done when its handler returns
  };
}

void broadcaster_state::open(const opened& now) {
  log_ = now.log;
  reach(now.newest);
  if (now.anew)
    begin_anew();
  load();
}

/// Cursors, tails and pages belong to a log that is gone. All clients are sent away and come back,
/// and their `init` names the new log. Each room gets a new number, so that a client that comes to
/// it is not given what was published before.
void broadcaster_state::begin_anew() {
  std::set<outlet*> lanes;
  unread_.clear();
  for (auto& [name, room] : rooms_) {
    for (const auto& [lane, count] : room.members)
      lanes.insert(lane);
    room.ref = ++last_room_;
    room.announcing = false;
    room.newcomers.clear();
    room.hot.reset();
    room.meanwhile.clear();
    if (!room.waiting.empty())
      unread_.emplace(room.ref, name);
  }
  send_away_for_restart(lanes, first_return);
  for (auto& [cursor, a] : std::exchange(ahead_, {}))
    join(std::move(a));
}

void broadcaster_state::reach(row_id head) {
  head_ = head;
  settings_.counted->newest.store(head, std::memory_order_relaxed);
}

void broadcaster_state::publish(const batch& what) {
  std::unordered_map<std::string_view, std::vector<const message*>> by_room;
  for (const auto& row : what.rows)
    by_room[row.room].push_back(&row);
  for (const auto& [name, rows] : by_room)
    if (const auto at = rooms_.find(std::string(name)); at != rooms_.end())
      publish(at->second, rows, what.credit);
  if (!what.rows.empty())
    reach(what.rows.back().id);
  answer_reached();
}

void broadcaster_state::publish(room& to, std::span<const message* const> rows,
                                const intake_credit& credit) {
  const auto size = settings_.memory->level() < pressure::shed ? settings_.chunk_bytes
                                                               : settings_.chunk_bytes / 8;
  while (!rows.empty()) {
    auto piece = encode(rows, size);
    rows = rows.subspan(piece.marks.size());
    piece.frames.published = std::chrono::steady_clock::now();
    std::optional<chunk> small;
    for (const auto& [lane, count] : to.members)
      if (!lane->deflates())
        lane->publish(to.ref, piece.frames, credit);
      else {
        if (!small)
          small = (deflate_ ? *deflate_ : deflate_.emplace())(piece);
        lane->publish(to.ref, *small, credit);
      }
    if (to.hot) {
      to.hot->append(std::move(piece));
      keep_if_room(to);
    } else if (!to.waiting.empty() && !unread_.count(to.ref)) // else a page will hold it
      to.meanwhile.push_back(std::move(piece));
  }
}

void broadcaster_state::join(attach a) {
  if (a.counted && !rooms_.count(a.room))
    return; // it left while this was under way
  const auto [at, fresh] = rooms_.try_emplace(a.room);
  auto& where = at->second;
  if (fresh)
    where.ref = ++last_room_;
  if (!std::exchange(a.counted, true)) {
    ++where.members[a.lane];
    ranks_.move(at->first, where.online, where.online + 1);
    ++where.online;
    presence_changed(a.room);
    count_changed(a.room, where);
  }
  if (where.hot)
    answer(where, std::move(a));
  else {
    if (where.waiting.empty())
      unread_.emplace(where.ref, a.room);
    where.waiting.push_back(std::move(a));
    load();
  }
}

void broadcaster_state::part(const leave& l) {
  const auto at = rooms_.find(l.room);
  if (at == rooms_.end())
    return;
  auto& [name, room] = *at;
  if (const auto lane = room.members.find(l.lane);
      lane != room.members.end() && --lane->second == 0)
    room.members.erase(lane);
  presence_changed(name);
  ranks_.move(name, room.online, room.online - 1);
  if (--room.online == 0) {
    unread_.erase(room.ref);
    rooms_.erase(at);
  } else
    count_changed(name, room);
}

/// Many who come or go within a second are one announcement, at its end.
void broadcaster_state::count_changed(const std::string& name, room& in) {
  if (!std::exchange(in.announcing, true))
    self_->delayed_send(self_, announce_every, announce{name, in.ref});
}

void broadcaster_state::tell_count(const announce& due) {
  const auto at = rooms_.find(due.room);
  if (at == rooms_.end() || at->second.ref != due.ref)
    return;
  auto& to = at->second;
  to.announcing = false;
  const auto newcomers = std::exchange(to.newcomers, {});
  const auto online = to.online + people_.in_peers(due.room);
  std::string bytes;
  append_frame(bytes, wire::presence_event(due.room, std::size_t(online)));
  if (std::exchange(to.announced, online) == online) {
    for (const auto& [lane, who] : newcomers) // only they have not heard it
      lane->reply(who, bytes, {}, 0);
    return;
  }
  const chunk event{share(std::move(bytes)), head_, head_, 0, {}};
  for (const auto& [lane, count] : to.members)
    lane->publish(to.ref, event, {});
}

// -- people in other hubs ------------------------------------------------------------------------

/// Others are told once a second at most, of all rooms together.
void broadcaster_state::presence_changed(const std::string& name) {
  if (settings_.peers && people_.mark_changed(name))
    self_->delayed_send(self_, announce_every, report_atom_v);
}

void broadcaster_state::report() {
  std::vector<room_count> here;
  for (auto& name : people_.take_changed()) {
    const auto at = rooms_.find(name);
    here.push_back({name, at == rooms_.end() ? 0 : at->second.online});
  }
  settings_.peers->publish(here);
}

void broadcaster_state::apply_remote(peer_presence& update) {
  people_.apply_remote(std::move(update.counts), update.snapshot, [this](const std::string& name) {
    if (const auto at = rooms_.find(name); at != rooms_.end())
      count_changed(name, at->second);
  });
  if (update.reconnected)
    for (const auto& [name, room] : rooms_)
      presence_changed(name);
}

} // namespace hubbub
