#include "actors/catch_up_queue.hpp"

#include "actors/answer_head.hpp"
#include "actors/forks.hpp"
#include "actors/tail.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr std::size_t small_frame = 512; ///< A frame with a short message.
constexpr std::size_t min_page_rows = 20, max_page_rows = 500;
/// The bytes of a page of history and of its frames.
constexpr std::size_t max_page_bytes = 2 << 20;
/// The bytes with which the rows of a page end.
constexpr std::size_t max_bytes_of_rows = max_page_bytes / 4;
constexpr std::size_t max_history_requests = 8; ///< Pages of history that are requested at once.
constexpr std::size_t min_delivery_bytes = 4096;

std::vector<const message*> pointers(const std::vector<message>& rows) {
  std::vector<const message*> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(&row);
  return out;
}

} // namespace

std::size_t catch_up_queue::delivery_budget() const {
  const auto all = std::int64_t(memory_->share(SIZE_MAX / 2, 8)) - memory_->history.load();
  const auto share = std::size_t(std::max(all / 16, std::int64_t(min_delivery_bytes)));
  const auto most = memory_->level() < pressure::tight ? delivery_bytes_ : delivery_bytes_ / 16;
  return std::min(share, most);
}

/// Counts bytes as those of a page of history while the reader has not read them.
shared_bytes catch_up_queue::counted(const shared_bytes& bytes) const {
  return memory_->limit() ? count_history_bytes(memory_, *bytes) : bytes;
}

void catch_up_queue::count_bytes(const attach& a, std::vector<shared_bytes>& bytes) const {
  if (is_event_stream(a.how))
    for (auto& each : bytes)
      each = counted(each);
}

// -- cursors under the floor of a tail ------------------------------------------------------------

void catch_up_queue::push(attach a) {
  queue_.push_back(std::move(a));
  request_history();
}

void catch_up_queue::request_history() {
  const auto most =
      memory_->share(max_history_requests * max_page_bytes, 16, max_page_bytes) / max_page_bytes;
  while (!queue_.empty() && history_requests_ < most) {
    auto a = std::move(queue_.front());
    queue_.pop_front();
    ++history_requests_;
    request_page(std::move(a));
  }
  request_count();
}

void catch_up_queue::request_page(attach a) {
  const auto bytes = delivery_budget();
  const auto rows = std::clamp(bytes / small_frame, min_page_rows, max_page_rows);
  page_request what{a.room, std::nullopt, a.from->after, int(rows)};
  what.bytes = std::min(bytes, max_bytes_of_rows);
  owner_.request_page(std::move(what), [this, a = std::move(a), known = log_.head,
                                        start = starts_](const page& rows) {
    --history_requests_;
    if (rows && start != starts_)
      owner_.attach_again(a);
    else if (rows)
      deliver(a, known, *rows);
    else
      owner_.attach_later(a);
    request_history();
  });
}

void catch_up_queue::count(attach a) {
  counts_.push_back(std::move(a));
  request_count();
}

void catch_up_queue::request_count() {
  if (counts_.empty() || !queue_.empty() || std::exchange(counting_, true))
    return;
  auto a = std::move(counts_.front());
  counts_.pop_front();
  count_request what{a.room, a.limit->counted_to, log_.head};
  owner_.request_count(std::move(what), [this, a = std::move(a),
                                         counted_to = log_.head](std::optional<std::int64_t> more) {
    counting_ = false;
    auto next = a;
    if (more) {
      *next.limit->missed = std::min(*next.limit->missed + *more, resume_limit::max_count);
      next.limit->counted_to = counted_to;
    }
    (more ? owner_.attach_again : owner_.attach_later)(std::move(next));
    request_count();
  });
}

/// `known`: the head when the page was requested. The page misses no row of the room up to `known`.
void catch_up_queue::deliver(const attach& a, row_id known, const std::vector<message>& rows) {
  const auto room = owner_.find_room(a.room);
  if (room == 0)
    return;
  // A page may hold rows over the head, which are not shown yet. They are published later.
  auto visible = pointers(rows);
  std::erase_if(visible, [this](const message* m) { return m->id > log_.head; });
  counters_->add(counter::history_pages);
  counters_->add(counter::history_rows, rows.size());
  delivery out{{}, a.from->after, false, 0};
  if (auto head = make_answer_head(a, log_))
    out.bytes.push_back(std::move(head));
  out.known_fork = newest_first(log_.forks);
  out.id_head = make_id_head(a, log_);
  if (visible.empty())
    out.cursor = std::max(out.cursor, known);
  else {
    const auto piece = encode(visible, delivery_budget());
    const auto bytes = is_event_stream(a.how)
                           ? make_shared_bytes(to_events(piece, 0, a.how, log_.name))
                           : piece.frames.bytes;
    out.bytes.push_back(counted(bytes));
    out.begins.push_back(out.cursor);
    out.cursor = piece.frames.last;
    out.messages = piece.frames.messages;
  }
  a.sink->deliver(a.session, a.subscription, room, std::move(out));
}

// -- cursors above the head -----------------------------------------------------------------------

void catch_up_queue::verify(attach a) {
  unverified_.push_back(std::move(a));
  request_newest();
}

/// Requests the newest id of the log for the unverified cursors. Cursors that arrive while a
/// request is in flight wait for the next one, because only a later answer can confirm them.
void catch_up_queue::request_newest() {
  if (unverified_.empty() || std::exchange(newest_requested_, true))
    return;
  const auto cursors = std::make_shared<std::vector<attach>>(std::exchange(unverified_, {}));
  owner_.request_newest([this, cursors, start = starts_](std::optional<row_id> newest) {
    newest_requested_ = false;
    for (auto& a : *cursors)
      if (!newest)
        owner_.attach_later(std::move(a));
      else if (start != starts_)
        owner_.attach_again(std::move(a));
      else if (a.from->after <= *newest || a.greet == greeting::none)
        waiting_for_head_.emplace(a.from->after, std::move(a));
      else {
        a.from.reset();
        owner_.attach_again(std::move(a));
      }
    answer_reached();
    request_newest();
  });
}

void catch_up_queue::answer_reached() {
  while (!waiting_for_head_.empty() && waiting_for_head_.begin()->first <= log_.head) {
    auto next = waiting_for_head_.extract(waiting_for_head_.begin());
    owner_.attach_again(std::move(next.mapped()));
  }
}

void catch_up_queue::start_over() {
  ++starts_;
  for (auto& [cursor, a] : std::exchange(waiting_for_head_, {}))
    owner_.attach_again(std::move(a));
}

} // namespace hubbub
