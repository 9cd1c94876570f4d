#include "actors/fanout.hpp"

namespace hubbub {

encoded fanout::publish_next(const room_members& to, std::span<const message* const>& rows,
                             const batch_credit& credit) {
  auto piece = encode(rows, memory_->level() < pressure::shed ? chunk_bytes_ : chunk_bytes_ / 8);
  rows = rows.subspan(piece.marks.size());
  piece.frames.published = std::chrono::steady_clock::now();
  std::optional<chunk> small;
  for (const auto& [sink, count] : to.sinks)
    if (!sink->deflates())
      sink->publish(to.room, piece.frames, credit);
    else {
      if (!small)
        small = (deflate_ ? *deflate_ : deflate_.emplace())(piece);
      sink->publish(to.room, *small, credit);
    }
  return piece;
}

void fanout::announce(const room_members& to, std::string frames, row_id head) {
  const chunk event{make_shared_bytes(std::move(frames)), head, head, 0, {}};
  for (const auto& [sink, count] : to.sinks)
    sink->publish(to.room, event, {});
}

} // namespace hubbub
