#include "actors/broadcaster.hpp"

#include "actors/answer_head.hpp"
#include "actors/forks.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

/// The milliseconds until the first client comes back after the log was replaced.
constexpr std::size_t first_return = 100;

} // namespace

broadcaster_actor::behavior_type broadcaster_state::start(pointer self, history_actor history,
                                                          broadcaster_settings settings) {
  self_ = self;
  history_ = std::move(history);
  counters_ = settings.counters;
  make_parts(settings);
  return {
      [this](const log_opened& now) { open_log(now); },
      [this](const batch_ptr& what) { publish(*what); },
      [this](const attach& a) { attach_session(a); },
      [this](const unsubscribe& u) { unsubscribe_session(u); },
      [this](peer_presence& update) { apply_remote(update); },
      [this](report_atom) { presence_->report(); },
      [this](load_tails_atom) { tails_->load(); },
      [this](shed_atom) { tails_->shed(); },
      [this](const announce_presence& due) { announce_count(due); },
      [this](room_stats_atom) { return presence_->stats(log_.name); },
      [](const heartbeat_request& r) { r.heartbeat->beat(); },
      [](drain_atom) { return true; }, // publication ends before its handler returns
  };
}

// -- the log --------------------------------------------------------------------------------------

void broadcaster_state::open_log(const log_opened& now) {
  const auto news = new_forks(now.forks, log_.forks);
  const bool forked = !news.empty() && !log_.name.empty() && !now.anew;
  log_.name = now.log;
  log_.forks = now.forks;
  if (forked || now.anew)
    go_on(now.shown);
  else
    advance_head(now.shown);
  if (now.anew)
    reset_rooms();
  if (forked)
    tell_forks(news);
  tails_->load();
}

/// Drops all tails and all pages in flight, and goes on after the row `head`.
void broadcaster_state::go_on(row_id head) {
  advance_head(head);
  tails_->drop_all();
  catch_up_->start_over();
}

/// Called when the log was replaced: cursors belong to the old log. All clients are sent away, and
/// the `init` that they get when they come back names the new log. Each room gets a new number, so
/// that new sessions are not sent what was published under the old one.
void broadcaster_state::reset_rooms() {
  for (auto& [name, room] : rooms_) {
    room.members.room = room.people.room = ++last_room_;
    presence::forget_announcements(room.people);
  }
  send_away_for_restart(sinks_, first_return);
}

/// Tells the live fan-out. The sinks are told in the order of all that is published, so a session
/// that joins the live fan-out before this call is told here, and one that joins later is told by
/// the delivery with which it joins.
void broadcaster_state::tell_forks(const std::vector<log_fork>& news) {
  for (const auto& [name, room] : rooms_)
    fanout::announce(room.members, make_fork_events(name, news), log_.head);
}

void broadcaster_state::advance_head(row_id head) {
  log_.head = head;
  counters_->newest.store(head, std::memory_order_release); // see hub_counters
}

void broadcaster_state::publish(const batch& what) {
  std::unordered_map<std::string_view, std::vector<const message*>> by_room;
  for (const auto& row : what.rows)
    by_room[row.room].push_back(&row);
  for (const auto& [name, rows] : by_room)
    if (const auto at = rooms_.find(std::string(name)); at != rooms_.end())
      for (std::span<const message* const> rest = rows; !rest.empty();)
        tails_->append(at->second.tail,
                       fanout_->publish_next(at->second.members, rest, what.credit, log_.name));
  if (what.head || !what.rows.empty())
    advance_head(what.head ? what.head : what.rows.back().id);
  catch_up_->answer_reached();
}

// -- members --------------------------------------------------------------------------------------

void broadcaster_state::attach_session(attach a) {
  if (a.is_member && !rooms_.count(a.room))
    return; // the session was closed while the attach was in flight
  const auto [at, inserted] = rooms_.try_emplace(a.room);
  auto& [name, to] = *at;
  if (inserted)
    to.members.room = to.people.room = ++last_room_;
  if (!std::exchange(a.is_member, true)) {
    sinks_.insert(a.sink);
    to.members.add(a.sink, a.how);
    presence_->joined(name, to.people);
  }
  if (to.tail.hot)
    answer_attach(name, to, std::move(a));
  else
    tails_->wait(to.tail, std::move(a));
}

void broadcaster_state::unsubscribe_session(const unsubscribe& u) {
  const auto at = rooms_.find(u.room);
  if (at == rooms_.end())
    return;
  auto& [name, from] = *at;
  if (!from.members.remove(u.sink, u.how))
    return;
  presence_->left(name, from.people);
  if (from.people.online == 0)
    rooms_.erase(at);
}

void broadcaster_state::announce_count(const announce_presence& due) {
  const auto at = rooms_.find(due.room);
  if (at == rooms_.end() || at->second.members.room != due.ref)
    return;
  auto& to = at->second;
  if (const auto event = presence_->announce(due.room, to.people))
    fanout::announce(to.members, {&*event, 1}, log_.head);
}

void broadcaster_state::apply_remote(peer_presence& update) {
  presence_->apply_remote(update);
  if (update.reconnected)
    for (const auto& [name, room] : rooms_)
      presence_->mark_changed(name);
}

// -- answers --------------------------------------------------------------------------------------

void broadcaster_state::answer_attach(const std::string& name, room& to, attach a) {
  to.tail.used_since_sweep = true;
  const bool known =
      a.from && a.from->after >= 0 && (a.greet == greeting::none || a.from->log == log_.name);
  if (known && a.from->after <= log_.head) {
    if (a.limit && !count_missed(*to.tail.hot, a))
      catch_up_->count(std::move(a));
    else if (a.limit && *a.limit->missed > a.limit->most)
      send_history(name, to, a, true);
    else
      resume(name, to, std::move(a));
  } else if (known && a.from->after < no_end)
    catch_up_->verify(std::move(a));
  else
    send_history(name, to, a, false);
}

/// Counts the messages that the attach has missed, up to the head. Returns false if some of those
/// that are not counted yet are under the floor of the tail. Each time that this happens again, the
/// room had more messages than the tail holds, so the counting ends at `max_count` at the latest.
bool broadcaster_state::count_missed(const tail& hot, attach& a) const {
  auto& limit = *a.limit;
  if (const auto newest = newest_first(log_.forks); !limit.missed || limit.known_fork != newest)
    limit = {limit.most, 0, a.from->after, newest};
  auto& missed = *limit.missed;
  if (missed < resume_limit::max_count) {
    if (limit.counted_to < hot.floor())
      return false;
    missed =
        std::min(missed + std::int64_t(hot.count_after(limit.counted_to)), resume_limit::max_count);
  }
  limit.counted_to = log_.head;
  return true;
}

void broadcaster_state::send_history(const std::string& name, room& to, const attach& a,
                                     bool cursor_known) {
  auto& hot = *to.tail.hot;
  auto middle = is_event_stream(a.how) ? hot.newest_lines() : hot.newest();
  auto end =
      !cursor_known
          ? to.tail.init_tail
          : make_shared_bytes(wire::init_tail(
                name, log_.name, false, forks_over(log_.forks, a.from->after), a.limit->missed));
  a.sink->deliver(a.session, a.subscription, to.members.room,
                  {make_greeting(a, std::move(middle), std::move(end), log_.name, log_.head),
                   log_.head,
                   true,
                   0,
                   {},
                   newest_first(log_.forks),
                   make_id_head(a, log_)});
  presence_->add_newcomer(name, to.people, {a.sink, a.session, a.subscription, a.how});
}

void broadcaster_state::resume(const std::string& name, room& to, attach a) {
  const auto cursor = a.from->after;
  if (cursor < to.tail.hot->floor()) {
    catch_up_->push(std::move(a));
    return;
  }
  auto next = to.tail.hot->after(cursor, catch_up_->delivery_budget(), a.how, log_.name);
  catch_up_->count_bytes(a, next.bytes);
  if (auto head = make_answer_head(a, log_))
    next.bytes.insert(next.bytes.begin(), std::move(head));
  const bool live = next.complete;
  a.sink->deliver(a.session, a.subscription, to.members.room,
                  {std::move(next.bytes), live ? log_.head : next.last, live, next.messages,
                   std::move(next.begins), newest_first(log_.forks), make_id_head(a, log_)});
  if (live)
    presence_->add_newcomer(name, to.people, {a.sink, a.session, a.subscription, a.how});
}

} // namespace hubbub
