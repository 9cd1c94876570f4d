// The hot tails of rooms: a cache of the newest messages of the log.
// Knows: which rooms need their first page, and how much memory the tails may take. Must not know:
// cursors, the live fan-out.
#include "actors/broadcaster.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

/// The bytes of a room's first page that has only messages of maximal length, as rows and as
/// frames.
constexpr std::size_t max_first_page_bytes = 512 * 1024;
constexpr std::size_t max_rooms_in_request = 64;
constexpr std::chrono::seconds sweep_every{1};

} // namespace

std::size_t broadcaster_state::tail_budget() const {
  const auto& memory = *settings_.memory;
  return memory.level() < pressure::shed ? memory.share(settings_.tail_bytes, 64) : 0;
}

/// Drops the tails that were not used since the last sweep, and shrinks the others. The next attach
/// to a room without a tail loads it again.
void broadcaster_state::shed() {
  swept_at_ = std::chrono::steady_clock::now();
  for (auto& [name, room] : rooms_)
    if (room.hot_tail && !std::exchange(room.used_since_sweep, false))
      room.hot_tail.reset();
    else if (room.hot_tail)
      room.hot_tail->fit(tail_budget());
}

/// Keeps all tails together within an eighth of the memory limit, however fast rooms open. Drops
/// the tail of `one` if a sweep, at most once per second, does not make room.
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

/// Requests the first pages of unloaded rooms from history. At most one request is in flight; the
/// rooms that open meanwhile share the next one.
void broadcaster_state::load_tails() {
  if (unloaded_rooms_.empty() || log_.empty() || std::exchange(loading_, true))
    return;
  // All rows up to the head are stored and final. Rows over the head are published while the
  // request is in flight, kept in published_while_loading, and appended after the page.
  rooms_request newest{{}, head_ + 1, int(tail::history)};
  std::vector<room_ref> refs;
  const auto most = settings_.memory->share(max_rooms_in_request * max_first_page_bytes, 32,
                                            max_first_page_bytes) /
                    max_first_page_bytes;
  while (!unloaded_rooms_.empty() && refs.size() < most) {
    auto next = unloaded_rooms_.extract(unloaded_rooms_.begin());
    rooms_.at(next.mapped()).published_while_loading.clear(); // the page will hold these
    refs.push_back(next.key());
    newest.rooms.push_back(std::move(next.mapped()));
  }
  const auto names = std::make_shared<const std::vector<std::string>>(newest.rooms);
  const auto for_each_room = [this, names, refs = std::move(refs)](const auto& act) {
    loading_ = false;
    for (std::size_t i = 0; i < refs.size(); ++i)
      if (const auto at = rooms_.find((*names)[i]); at != rooms_.end() && at->second.ref == refs[i])
        act(at->first, at->second);
  };
  self_->request(history_, caf::infinite, std::move(newest))
      .then(
          [this, for_each_room](const page& rows) {
            std::unordered_map<std::string_view, std::vector<const message*>> by_room;
            for (const auto& row : *rows)
              by_room[row.room].push_back(&row);
            for_each_room(
                [&](const auto& name, room& of) { tail_loaded(name, of, by_room[name]); });
            load_tails();
          },
          [this, for_each_room](const caf::error&) {
            for_each_room(
                [this](const auto& name, room& of) { unloaded_rooms_.emplace(of.ref, name); });
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

} // namespace hubbub
