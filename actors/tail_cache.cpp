#include "actors/tail_cache.hpp"

#include "actors/wire.hpp"

#include <unordered_map>
#include <utility>

namespace hubbub {

namespace {

/// The bytes of a room's first page that has only texts of maximal length, as rows and as frames.
constexpr std::size_t usual_first_page_bytes = 512 * 1024;
constexpr std::size_t max_rooms_in_request = 64;
constexpr std::chrono::seconds sweep_every{1};

} // namespace

std::size_t tail_cache::tail_budget() const {
  return memory_->level() < pressure::shed ? memory_->share(sizes_.tail_bytes, 64) : 0;
}

void tail_cache::move(room_tail& of, room_tail::phase to) {
  of.unlink();
  of.now = to;
  if (to != room_tail::phase::empty)
    (to == room_tail::phase::queued    ? queued_
     : to == room_tail::phase::loading ? loading_
                                       : loaded_)
        .push_back(of);
}

void tail_cache::drop(room_tail& of) {
  of.hot.reset();
  move(of, room_tail::phase::empty);
}

void tail_cache::wait(room_tail& of, attach a) {
  if (of.now == room_tail::phase::empty)
    move(of, room_tail::phase::queued);
  of.waiting.push_back(std::move(a));
  load();
}

void tail_cache::append(room_tail& of, encoded piece) {
  if (of.now == room_tail::phase::loaded) {
    of.hot->append(std::move(piece));
    drop_over_budget(of);
  } else if (of.now == room_tail::phase::loading)
    of.published_while_loading.push_back(std::move(piece));
}

void tail_cache::shed() {
  swept_at_ = std::chrono::steady_clock::now();
  for (auto at = loaded_.begin(); at != loaded_.end();) {
    auto& room = *at++;
    if (std::exchange(room.used_since_sweep, false))
      room.hot->fit(tail_budget());
    else
      drop(room);
  }
}

/// Drops the tail of `one` if a sweep, at most once per second, does not make room.
void tail_cache::drop_over_budget(room_tail& one) {
  const auto over = [this, most = memory_->share(SIZE_MAX, 8)] {
    return std::uint64_t(memory_->tails.load(std::memory_order_relaxed)) > most;
  };
  if (over() && std::chrono::steady_clock::now() - swept_at_ >= sweep_every)
    shed();
  if (over() && one.hot)
    drop(one);
}

void tail_cache::drop_all() {
  while (!loaded_.empty())
    drop(loaded_.front());
  while (!loading_.empty())
    move(loading_.front(), room_tail::phase::queued);
}

void tail_cache::load() {
  if (queued_.empty() || log_.name.empty() || std::exchange(requested_, true))
    return;
  // All rows up to the head are stored and final. Rows over the head are published while the
  // request is in flight, kept in published_while_loading, and appended after the page.
  const auto bytes =
      memory_->share(max_rooms_in_request * usual_first_page_bytes, 32, usual_first_page_bytes);
  rooms_request newest{{}, log_.head + 1, int(tail::history), bytes / 2}; // and as much as frames
  while (!queued_.empty() && newest.rooms.size() < bytes / usual_first_page_bytes) {
    auto& next = queued_.front();
    next.published_while_loading.clear(); // the page will hold these
    newest.rooms.push_back(next.waiting.front().room);
    move(next, room_tail::phase::loading);
  }
  auto rooms = newest.rooms;
  owner_.request(std::move(newest), [this, rooms = std::move(rooms)](const first_pages& pages) {
    requested_ = false;
    pages_arrived(rooms, pages);
  });
}

void tail_cache::pages_arrived(const std::vector<std::string>& rooms, const first_pages& pages) {
  if (!pages) {
    while (!loading_.empty())
      move(loading_.front(), room_tail::phase::queued);
    owner_.load_later();
    return;
  }
  std::unordered_map<std::string_view, const log_page*> by_room;
  for (std::size_t i = 0; i < pages->size(); ++i)
    by_room.emplace(rooms[i], &(*pages)[i]);
  while (!loading_.empty()) { // rooms that have ended meanwhile have left the list
    auto& of = loading_.front();
    const auto name = of.waiting.front().room;
    if (const auto at = by_room.find(name); at != by_room.end())
      fill(of, name, *at->second);
    else
      move(of, room_tail::phase::queued);
  }
  load();
}

void tail_cache::fill(room_tail& of, const std::string& name, const log_page& page) {
  of.init_tail = make_shared_bytes(wire::init_tail(name, log_.name, false));
  const bool has_all = page.size() < tail::history && !page.ended_early;
  of.hot.emplace(has_all ? 0 : page.front().id - 1, tail_budget(), &memory_->tails);
  move(of, room_tail::phase::loaded);
  std::vector<const message*> all;
  for (const auto& row : page)
    all.push_back(&row);
  for (std::span<const message* const> rows = all; !rows.empty();) {
    auto piece = encode(rows, sizes_.chunk_bytes);
    rows = rows.subspan(piece.marks.size());
    of.hot->append(std::move(piece));
  }
  for (auto& piece : std::exchange(of.published_while_loading, {}))
    of.hot->append(std::move(piece));
  owner_.loaded(name, std::exchange(of.waiting, {}));
  drop_over_budget(of);
}

} // namespace hubbub
