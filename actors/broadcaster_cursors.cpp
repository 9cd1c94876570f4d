// The answers to cursors: from the hot tail, by pages of history, or when the head has advanced.
// Knows: cursors, and pages of history. Must not know: how tails are loaded, or what is published.
#include "actors/broadcaster.hpp"
#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

#include <algorithm>

namespace hubbub {

namespace {

constexpr std::size_t small_frame = 512; ///< A frame with a short message.
constexpr std::size_t min_page_rows = 20, max_page_rows = 500;
/// The bytes of a page of history that has only messages of maximal length.
constexpr std::size_t max_page_bytes = 2 << 20;
constexpr std::size_t max_history_requests = 8; ///< Pages of history that are requested at once.
constexpr std::size_t min_delivery_bytes = 4096;

std::vector<const message*> pointers(const std::vector<message>& rows) {
  std::vector<const message*> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(&row);
  return out;
}

/// Returns the frame header and the head of an `init` that goes on for `rest` bytes.
shared_bytes make_init_head(const uuid& connection, std::size_t rest) {
  const auto head = wire::init_head(connection);
  std::string out;
  out.reserve(head.size() + 10);
  append_frame_header(out, head.size() + rest);
  return make_shared_bytes(out += head);
}

} // namespace

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

/// To be called when a session joins the live fan-out. Announcements reach only live sessions, so
/// the session has missed every announcement that was made while it waited or caught up.
void broadcaster_state::add_newcomer(room& in, const attach& a) {
  in.newcomers.emplace(a.sink, a.session);
  count_changed(a.room, in);
}

/// Requests the newest id of the log for the unverified cursors. Cursors that arrive while a
/// request is in flight wait for the next one, because only a later answer can confirm them.
void broadcaster_state::request_newest() {
  if (unverified_cursors_.empty() || std::exchange(newest_requested_, true))
    return;
  const auto cursors =
      std::make_shared<std::vector<attach>>(std::exchange(unverified_cursors_, {}));
  self_->request(history_, caf::infinite, newest_atom_v)
      .then(
          [this, cursors](row_id newest) {
            newest_requested_ = false;
            for (auto& a : *cursors)
              if (a.from->after <= newest)
                waiting_for_head_.emplace(a.from->after, std::move(a));
              else {
                a.from.reset();
                attach_session(std::move(a));
              }
            answer_reached();
            request_newest();
          },
          [this, cursors](const caf::error&) {
            newest_requested_ = false;
            for (auto& a : *cursors)
              self_->delayed_send(self_, retry_after, std::move(a));
            request_newest();
          });
}

void broadcaster_state::answer_reached() {
  while (!waiting_for_head_.empty() && waiting_for_head_.begin()->first <= head_) {
    auto next = waiting_for_head_.extract(waiting_for_head_.begin());
    attach_session(std::move(next.mapped()));
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

/// Returns the bound on the bytes of one delivery: a sixteenth of the bytes that history still may
/// take, at least `min_delivery_bytes`, but never more than `delivery_bytes`, or a sixteenth of
/// `delivery_bytes` while memory is tight. Deliveries that readers do not read leave less for the
/// next ones.
std::size_t broadcaster_state::delivery_budget() const {
  const auto& memory = *settings_.memory;
  const auto all = std::int64_t(memory.share(SIZE_MAX / 2, 8)) - memory.history.load();
  const auto share = std::size_t(std::max(all / 16, std::int64_t(min_delivery_bytes)));
  const auto most =
      memory.level() < pressure::tight ? settings_.delivery_bytes : settings_.delivery_bytes / 16;
  return std::min(share, most);
}

void broadcaster_state::queue_catch_up(attach a) {
  catch_up_queue_.push_back(std::move(a));
  request_history();
}

void broadcaster_state::request_history() {
  const auto most =
      settings_.memory->share(max_history_requests * max_page_bytes, 16, max_page_bytes) /
      max_page_bytes;
  while (!catch_up_queue_.empty() && history_requests_ < most) {
    const auto a = std::move(catch_up_queue_.front());
    catch_up_queue_.pop_front();
    ++history_requests_;
    const auto rows = std::clamp(delivery_budget() / small_frame, min_page_rows, max_page_rows);
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

/// `known`: the head when the page was requested. The page misses no row of the room up to `known`.
void broadcaster_state::deliver_history(const attach& a, row_id known,
                                        const std::vector<message>& rows) {
  const auto at = rooms_.find(a.room);
  if (at == rooms_.end())
    return;
  // A page may hold rows over the head, which are not shown yet. They are published later.
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
