#include "actors/answer_head.hpp"

#include "actors/forks.hpp"
#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

namespace hubbub {

shared_bytes make_greeting_head(const attach& a, std::size_t rest) {
  const auto head = a.greet == greeting::init ? wire::init_head(a.connection)
                                              : std::string(wire::subscribed_head);
  std::string out;
  out.reserve(head.size() + 10);
  append_frame_header(out, head.size() + rest);
  return make_shared_bytes(out += head);
}

std::string make_fork_frames(std::string_view room, std::span<const log_fork> forks) {
  std::string out;
  for (const auto& fork : forks)
    append_frame(out, wire::fork_event(room, fork));
  return out;
}

shared_bytes make_answer_head(const attach& a, const shown_log& log) {
  if (a.greet != greeting::none) {
    const auto end = wire::init_tail(a.room, log.name, true, forks_over(log.forks, a.from->after));
    return make_shared_bytes(*make_greeting_head(a, end.size()) + end);
  }
  if (newest_first(log.forks) <= a.known_fork)
    return nullptr;
  auto unknown = log.forks;
  std::erase_if(unknown, [&a](const log_fork& fork) { return fork.first <= a.known_fork; });
  return make_shared_bytes(make_fork_frames(a.room, unknown));
}

} // namespace hubbub
