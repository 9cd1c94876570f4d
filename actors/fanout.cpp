#include "actors/fanout.hpp"

#include <algorithm>
#include <array>

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
                             const batch_credit& credit, std::string_view log) {
  auto piece = encode(rows, memory_->level() < pressure::shed ? chunk_bytes_ : chunk_bytes_ / 8);
  rows = rows.subspan(piece.marks.size());
  piece.frames.published = std::chrono::steady_clock::now();
  std::array<chunk, encodings> as;
  as[std::size_t(encoding::plain)] = piece.frames;
  for (const auto& each : to.outlets) {
    auto& frames = as[std::size_t(each.how)];
    if (!frames.bytes && each.how == encoding::deflated)
      frames = (deflate_ ? *deflate_ : deflate_.emplace())(piece);
    else if (!frames.bytes) {
      frames = piece.frames;
      frames.bytes = make_shared_bytes(to_events(piece, 0, each.how, log));
    }
    each.sink->publish(to.room, each.how, frames, credit);
  }
  return piece;
}

void fanout::announce(const room_members& to, std::span<const room_event> events, row_id head) {
  shared_bytes frames, stream;
  for (const auto& each : to.outlets) {
    auto& bytes = is_event_stream(each.how) ? stream : frames;
    if (!bytes)
      bytes = make_shared_bytes(encode(events, each.how));
    each.sink->publish(to.room, each.how, {bytes, head, head, 0, {}}, {});
  }
}

} // namespace hubbub
