#include "actors/fanout.hpp"

#include <algorithm>

namespace hubbub {

namespace {

auto find_outlet(std::vector<room_members::outlet>& all, session_sink* sink, encoding how) {
  return std::find_if(all.begin(), all.end(), [=](const room_members::outlet& each) {
    return each.sink == sink && each.how == how;
  });
}

} // namespace

void room_members::add(session_sink* to, encoding how) {
  if (const auto at = find_outlet(outlets, to, how); at != outlets.end())
    ++at->members;
  else
    outlets.push_back({to, how, 1});
}

bool room_members::remove(session_sink* from, encoding how) {
  const auto at = find_outlet(outlets, from, how);
  if (at == outlets.end())
    return false;
  if (--at->members == 0)
    outlets.erase(at);
  return true;
}

encoded fanout::publish_next(const room_members& to, std::span<const message* const>& rows,
                             const batch_credit& credit) {
  auto piece = encode(rows, memory_->level() < pressure::shed ? chunk_bytes_ : chunk_bytes_ / 8);
  rows = rows.subspan(piece.marks.size());
  piece.frames.published = std::chrono::steady_clock::now();
  std::optional<chunk> small;
  for (const auto& each : to.outlets)
    if (each.how == encoding::plain)
      each.sink->publish(to.room, each.how, piece.frames, credit);
    else {
      if (!small)
        small = (deflate_ ? *deflate_ : deflate_.emplace())(piece);
      each.sink->publish(to.room, each.how, *small, credit);
    }
  return piece;
}

void fanout::announce(const room_members& to, std::string frames, row_id head) {
  const chunk event{make_shared_bytes(std::move(frames)), head, head, 0, {}};
  for (const auto& each : to.outlets)
    each.sink->publish(to.room, each.how, event, {});
}

} // namespace hubbub
