// The broadcaster's other half: what it reads from the log for rooms that open and for cursors.
// Knows: tails, pages of the past. Must not know: who is live, what is published.
#include "actors/broadcaster.hpp"
#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

/// A frame with little in it; pages have no more rows than are delivered if all are such.
constexpr std::size_t small_frame = 512;
constexpr std::size_t fewest_rows = 20, most_rows = 500;

/// The longest messages in a room's first page, as rows and as frames.
constexpr std::size_t heavy_page = 512 * 1024;
constexpr std::size_t most_rooms = 64; ///< Whose first pages are read at once.

constexpr std::size_t heavy_past = 2 << 20;     ///< The longest messages in a page of the past.
constexpr std::size_t max_history_requests = 8; ///< Pages of the past under way at once.
constexpr std::size_t least_delivery = 4096;
constexpr std::chrono::milliseconds retry_after{250};
constexpr std::chrono::seconds sweep_every{1};

std::vector<const message*> pointers(const std::vector<message>& rows) {
  std::vector<const message*> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(&row);
  return out;
}

/// The header and head of an `init` whose end is as long as `rest`.
shared_bytes make_init_head(const uuid& connection, std::size_t rest) {
  const auto head = wire::init_head(connection);
  std::string out;
  out.reserve(head.size() + 10);
  append_frame_header(out, head.size() + rest);
  return make_shared_bytes(out += head);
}

} // namespace

// -- tails of rooms: a cache of the log -----------------------------------------------------------

std::size_t broadcaster_state::tail_budget() const {
  const auto& memory = *settings_.memory;
  return memory.level() < pressure::shed ? memory.share(settings_.tail_bytes, 64) : 0;
}

/// Tails that nobody has read since the last time go, and others shrink. A room whose tail went is
/// read again, as one that opens is, for the next who asks for something of it.
void broadcaster_state::shed() {
  swept_at_ = std::chrono::steady_clock::now();
  for (auto& [name, room] : rooms_)
    if (room.hot_tail && !std::exchange(room.used_since_sweep, false))
      room.hot_tail.reset();
    else if (room.hot_tail)
      room.hot_tail->fit(tail_budget());
}

/// All tails together have a share that is never exceeded, however fast rooms open.
void broadcaster_state::drop_tail_over_budget(room& one) {
  auto& memory = *settings_.memory;
  const auto over = [&memory, most = memory.share(SIZE_MAX, 8)] {
    return std::uint64_t(memory.tails.load(std::memory_order_relaxed)) > most;
  };
  if (over() && std::chrono::steady_clock::now() - swept_at_ >= sweep_every)
    shed();
  if (over())
    one.hot_tail.reset();
}

/// Rooms that open while a question is under way are the next one, together.
void broadcaster_state::load_tails() {
  if (unloaded_rooms_.empty() || log_.empty() || std::exchange(loading_, true))
    return;
  // Rows up to the head are all there and final. Later ones are published, kept, and put behind
  // them.
  rooms_request newest{{}, head_ + 1, int(tail::history)};
  std::vector<room_ref> refs;
  const auto most = settings_.memory->share(most_rooms * heavy_page, 32, heavy_page) / heavy_page;
  while (!unloaded_rooms_.empty() && refs.size() < most) {
    auto next = unloaded_rooms_.extract(unloaded_rooms_.begin());
    rooms_.at(next.mapped()).published_while_loading.clear(); // the page will hold it
    refs.push_back(next.key());
    newest.rooms.push_back(std::move(next.mapped()));
  }
  const auto names = std::make_shared<const std::vector<std::string>>(newest.rooms);
  const auto each = [this, names, refs = std::move(refs)](const auto& act) {
    loading_ = false;
    for (std::size_t i = 0; i < refs.size(); ++i)
      if (const auto at = rooms_.find((*names)[i]); at != rooms_.end() && at->second.ref == refs[i])
        act(at->first, at->second);
  };
  self_->request(history_, caf::infinite, std::move(newest))
      .then(
          [this, each](const page& rows) {
            std::unordered_map<std::string_view, std::vector<const message*>> by_room;
            for (const auto& row : *rows)
              by_room[row.room].push_back(&row);
            each([&](const auto& name, room& of) { tail_loaded(name, of, by_room[name]); });
            load_tails();
          },
          [this, each](const caf::error&) {
            each([this](const auto& name, room& of) { unloaded_rooms_.emplace(of.ref, name); });
            self_->delayed_send(self_, retry_after, load_tails_atom_v);
          });
}

void broadcaster_state::tail_loaded(const std::string& name, room& to,
                                    std::span<const message* const> rows) {
  to.init_tail = make_shared_bytes(wire::init_tail(name, log_, false));
  to.hot_tail.emplace(rows.size() < tail::history ? 0 : rows.front()->id - 1, tail_budget(),
                      &settings_.memory->tails);
  while (!rows.empty()) {
    auto piece = encode(rows, settings_.chunk_bytes);
    rows = rows.subspan(piece.marks.size());
    to.hot_tail->append(std::move(piece));
  }
  for (auto& piece : std::exchange(to.published_while_loading, {}))
    to.hot_tail->append(std::move(piece));
  for (auto& a : std::exchange(to.waiting_for_tail, {}))
    answer_attach(to, std::move(a));
  drop_tail_over_budget(to);
}

// -- cursors --------------------------------------------------------------------------------------

void broadcaster_state::answer_attach(room& to, attach a) {
  to.used_since_sweep = true;
  const bool known = a.from && a.from->after >= 0 && (!a.first || a.from->log == log_);
  if (known && a.from->after <= head_)
    resume(to, a);
  else if (known && a.from->after < no_end) {
    unverified_cursors_.push_back(std::move(a));
    request_newest();
  } else
    send_init(to, a);
}

/// To be called when a session comes into the live fan-out. The announcements while it waited for
/// its page, or was behind, have not reached it.
void broadcaster_state::add_newcomer(room& in, const attach& a) {
  in.newcomers.emplace(a.sink, a.session);
  count_changed(a.room, in);
}

/// Whoever comes while a question is under way is in the next one: only a newer answer counts.
void broadcaster_state::request_newest() {
  if (unverified_cursors_.empty() || std::exchange(newest_requested_, true))
    return;
  const auto who = std::make_shared<std::vector<attach>>(std::exchange(unverified_cursors_, {}));
  self_->request(history_, caf::infinite, newest_atom_v)
      .then(
          [this, who](row_id newest) {
            newest_requested_ = false;
            for (auto& a : *who)
              if (a.from->after <= newest)
                waiting_for_head_.emplace(a.from->after, std::move(a));
              else {
                a.from.reset();
                attach_session(std::move(a));
              }
            answer_reached();
            request_newest();
          },
          [this, who](const caf::error&) {
            newest_requested_ = false;
            for (auto& a : *who)
              self_->delayed_send(self_, retry_after, std::move(a));
            request_newest();
          });
}

void broadcaster_state::answer_reached() {
  while (!waiting_for_head_.empty() && waiting_for_head_.begin()->first <= head_) {
    auto one = waiting_for_head_.extract(waiting_for_head_.begin());
    attach_session(std::move(one.mapped()));
  }
}

void broadcaster_state::send_init(room& to, const attach& a) {
  auto middle = to.hot_tail->newest();
  auto head = make_init_head(a.connection, middle->size() + to.init_tail->size());
  a.sink->deliver(a.session, to.ref,
                  {{std::move(head), std::move(middle), to.init_tail}, head_, true, 0});
  add_newcomer(to, a);
}

void broadcaster_state::resume(room& to, const attach& a) {
  const auto cursor = a.from->after;
  if (cursor < to.hot_tail->floor()) {
    queue_catch_up(a);
    return;
  }
  auto next = to.hot_tail->after(cursor, delivery_budget());
  if (a.first)
    next.bytes.insert(next.bytes.begin(), make_init(a));
  const bool live = next.complete;
  a.sink->deliver(a.session, to.ref,
                  {std::move(next.bytes), live ? head_ : next.last, live, next.messages,
                   std::move(next.begins)});
  if (live)
    add_newcomer(to, a);
}

shared_bytes broadcaster_state::make_init(const attach& a) const {
  const auto end = wire::init_tail(a.room, log_, true);
  return make_shared_bytes(*make_init_head(a.connection, end.size()) + end);
}

/// Who does not read what was read for him leaves less and less to the others, but never nothing.
std::size_t broadcaster_state::delivery_budget() const {
  const auto& memory = *settings_.memory;
  const auto all = std::int64_t(memory.share(SIZE_MAX / 2, 8)) - memory.history.load();
  const auto mine = std::size_t(std::max(all / 16, std::int64_t(least_delivery)));
  const auto most =
      memory.level() < pressure::tight ? settings_.delivery_bytes : settings_.delivery_bytes / 16;
  return std::min(mine, most);
}

void broadcaster_state::queue_catch_up(attach a) {
  catch_up_queue_.push_back(std::move(a));
  request_history();
}

void broadcaster_state::request_history() {
  const auto most =
      settings_.memory->share(max_history_requests * heavy_past, 16, heavy_past) / heavy_past;
  while (!catch_up_queue_.empty() && history_requests_ < most) {
    const auto a = std::move(catch_up_queue_.front());
    catch_up_queue_.pop_front();
    ++history_requests_;
    const auto rows = std::clamp(delivery_budget() / small_frame, fewest_rows, most_rows);
    self_
        ->request(history_, caf::infinite,
                  page_request{a.room, std::nullopt, a.from->after, int(rows)})
        .then(
            [this, a, known = head_](const page& rows) {
              --history_requests_;
              deliver_history(a, known, *rows);
              request_history();
            },
            [this, a](const caf::error&) {
              --history_requests_;
              self_->delayed_send(self_, retry_after, a);
              request_history();
            });
  }
}

/// `known`: the head when the page was asked for. It holds every row of the room up to there.
void broadcaster_state::deliver_history(const attach& a, row_id known,
                                        const std::vector<message>& rows) {
  const auto at = rooms_.find(a.room);
  if (at == rooms_.end())
    return;
  // A page may run ahead of what was shown. What is over the head comes by itself in its turn.
  auto visible = pointers(rows);
  std::erase_if(visible, [this](const message* m) { return m->id > head_; });
  settings_.counters->add(counter::history_pages);
  settings_.counters->add(counter::history_rows, rows.size());
  delivery out{{}, a.from->after, false, 0};
  if (a.first)
    out.bytes.push_back(make_init(a));
  if (visible.empty())
    out.cursor = std::max(out.cursor, known);
  else {
    const auto piece = encode(visible, delivery_budget());
    out.bytes.push_back(settings_.memory->limit()
                            ? count_history_bytes(settings_.memory, *piece.frames.bytes)
                            : piece.frames.bytes);
    out.begins.push_back(out.cursor);
    out.cursor = piece.frames.last;
    out.messages = piece.frames.messages;
  }
  a.sink->deliver(a.session, at->second.ref, std::move(out));
}

} // namespace hubbub
