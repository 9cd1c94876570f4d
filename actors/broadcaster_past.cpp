// The broadcaster's other half: what it reads from the log for rooms that open and for cursors.
// Knows: tails, pages of the past. Must not know: who is live, what is published.
#include "actors/broadcaster.hpp"
#include "actors/frame.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

constexpr int page_rows = 500;
constexpr std::size_t most_rooms = 64; ///< Whose first pages are read at once.
constexpr std::chrono::milliseconds retry_after{250};

std::vector<const message*> pointers(const std::vector<message>& rows) {
  std::vector<const message*> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(&row);
  return out;
}

shared_bytes share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

/// The header and head of an `init` whose end is as long as `rest`.
shared_bytes begin_init(const uuid& connection, std::size_t rest) {
  const auto head = wire::init_head(connection);
  std::string out;
  out.reserve(head.size() + 10);
  append_frame_header(out, head.size() + rest);
  return share(out += head);
}

} // namespace

// -- the tail of a room that was empty ------------------------------------------------------------

/// Rooms that open while a question is under way are the next one, together.
void broadcaster_state::load() {
  if (unread_.empty() || log_.empty() || std::exchange(loading_, true))
    return;
  // Rows up to the head are all there and final. Later ones are published, kept, and put behind
  // them.
  rooms_request newest{{}, head_ + 1, int(tail::history)};
  std::vector<room_ref> refs;
  while (!unread_.empty() && refs.size() < most_rooms) {
    auto next = unread_.extract(unread_.begin());
    rooms_.at(next.mapped()).meanwhile.clear(); // the page will hold it
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
  self_->request(past_, caf::infinite, std::move(newest))
      .then(
          [this, each](const page& rows) {
            std::unordered_map<std::string_view, std::vector<const message*>> by_room;
            for (const auto& row : *rows)
              by_room[row.room].push_back(&row);
            each([&](const auto& name, room& of) { loaded(name, of, by_room[name]); });
            load();
          },
          [this, each](const caf::error&) {
            each([this](const auto& name, room& of) { unread_.emplace(of.ref, name); });
            self_->delayed_send(self_, retry_after, retry_atom_v);
          });
}

void broadcaster_state::loaded(const std::string& name, room& to,
                               std::span<const message* const> rows) {
  to.init_tail = share(wire::init_tail(name, log_, false));
  to.hot.emplace(rows.size() < tail::history ? 0 : rows.front()->id - 1, settings_.tail_bytes);
  while (!rows.empty()) {
    auto piece = encode(rows, settings_.chunk_bytes);
    rows = rows.subspan(piece.marks.size());
    to.hot->append(std::move(piece));
  }
  for (auto& piece : std::exchange(to.meanwhile, {}))
    to.hot->append(std::move(piece));
  for (auto& a : std::exchange(to.waiting, {}))
    answer(to, std::move(a));
}

// -- cursors --------------------------------------------------------------------------------------

void broadcaster_state::answer(room& to, attach a) {
  const bool known = a.from && a.from->after >= 0 && (!a.first || a.from->log == log_);
  if (known && a.from->after <= head_)
    resume(to, a);
  else if (known && a.from->after < no_end) {
    strangers_.push_back(std::move(a));
    ask_newest();
  } else
    begin(to, a);
}

/// Whoever comes while a question is under way is in the next one: only a newer answer counts.
void broadcaster_state::ask_newest() {
  if (strangers_.empty() || std::exchange(asking_, true))
    return;
  const auto who = std::make_shared<std::vector<attach>>(std::exchange(strangers_, {}));
  self_->request(past_, caf::infinite, newest_atom_v)
      .then(
          [this, who](row_id newest) {
            asking_ = false;
            for (auto& a : *who)
              if (a.from->after <= newest)
                ahead_.emplace(a.from->after, std::move(a));
              else {
                a.from.reset();
                join(std::move(a));
              }
            answer_reached();
            ask_newest();
          },
          [this, who](const caf::error&) {
            asking_ = false;
            for (auto& a : *who)
              self_->delayed_send(self_, retry_after, std::move(a));
            ask_newest();
          });
}

void broadcaster_state::answer_reached() {
  while (!ahead_.empty() && ahead_.begin()->first <= head_) {
    auto one = ahead_.extract(ahead_.begin());
    join(std::move(one.mapped()));
  }
}

void broadcaster_state::begin(room& to, const attach& a) {
  auto middle = to.hot->newest();
  auto head = begin_init(a.connection, middle->size() + to.init_tail->size());
  a.lane->deliver(a.session, to.ref,
                  {{std::move(head), std::move(middle), to.init_tail}, head_, true, 0});
}

void broadcaster_state::resume(room& to, const attach& a) {
  const auto cursor = a.from->after;
  if (cursor < to.hot->floor()) {
    read_past(a, cursor);
    return;
  }
  auto next = to.hot->after(cursor, settings_.delivery_bytes);
  if (a.first)
    next.bytes.insert(next.bytes.begin(), whole_init(a));
  a.lane->deliver(
      a.session, to.ref,
      {std::move(next.bytes), next.complete ? head_ : next.last, next.complete, next.messages});
}

shared_bytes broadcaster_state::whole_init(const attach& a) const {
  const auto end = wire::init_tail(a.room, log_, true);
  return share(*begin_init(a.connection, end.size()) + end);
}

void broadcaster_state::read_past(const attach& a, row_id cursor) {
  self_->request(past_, caf::infinite, page_request{a.room, std::nullopt, cursor, page_rows})
      .then([this, a, known = head_](const page& rows) { deliver_past(a, known, *rows); },
            [this, a](const caf::error&) { self_->delayed_send(self_, retry_after, a); });
}

/// `known`: the head when the page was asked for. It holds every row of the room up to there.
void broadcaster_state::deliver_past(const attach& a, row_id known,
                                     const std::vector<message>& rows) {
  const auto at = rooms_.find(a.room);
  if (at == rooms_.end())
    return;
  // A page may run ahead of what was shown. What is over the head comes by itself in its turn.
  auto visible = pointers(rows);
  std::erase_if(visible, [this](const message* m) { return m->id > head_; });
  settings_.counted->add(figure::past_pages);
  settings_.counted->add(figure::past_rows, rows.size());
  delivery out{{}, a.from->after, false, 0};
  if (a.first)
    out.bytes.push_back(whole_init(a));
  if (visible.empty())
    out.cursor = std::max(out.cursor, known);
  else {
    const auto piece = encode(visible, settings_.delivery_bytes);
    out.bytes.push_back(piece.frames.bytes);
    out.cursor = piece.frames.last;
    out.messages = piece.frames.messages;
  }
  a.lane->deliver(a.session, at->second.ref, std::move(out));
}

} // namespace hubbub
