#include "actors/answer_head.hpp"

#include "actors/forks.hpp"
#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

std::string greeting_json_head(const attach& a) {
  return a.greet == greeting::init ? wire::init_head(a.connection)
                                   : std::string(wire::subscribed_head);
}

std::string frame_greeting_head(const attach& a, std::size_t rest) {
  const auto head = greeting_json_head(a);
  std::string out;
  out.reserve(head.size() + 10);
  append_frame_header(out, head.size() + rest);
  return out += head;
}

/// Returns the beginning of the event, up to the messages.
std::string event_greeting_head(const attach& a, std::string_view log, row_id complete) {
  const bool first = a.greet == greeting::init;
  return (first ? "event: init\n" + event_id_head(log) + std::to_string(complete) + '\n'
                : std::string("event: subscribed\n")) +
         "data: " + greeting_json_head(a);
}

} // namespace

std::vector<shared_bytes> make_greeting(const attach& a, shared_bytes messages, shared_bytes end,
                                        std::string_view log, row_id complete) {
  if (is_event_stream(a.how)) {
    static const auto end_of_event = make_shared_bytes("\n\n");
    return {make_shared_bytes(event_greeting_head(a, log, complete)), std::move(messages),
            std::move(end), end_of_event};
  }
  auto head = frame_greeting_head(a, messages->size() + end->size());
  return {make_shared_bytes(std::move(head)), std::move(messages), std::move(end)};
}

std::vector<room_event> make_fork_events(std::string_view room, std::span<const log_fork> forks) {
  std::vector<room_event> out;
  for (const auto& fork : forks)
    out.push_back({"fork", wire::fork_event(room, fork)});
  return out;
}

shared_bytes make_answer_head(const attach& a, const shown_log& log) {
  if (a.greet != greeting::none) {
    const auto cursor = a.from->after;
    const auto end = wire::init_tail(a.room, log.name, true, forks_over(log.forks, cursor));
    return make_shared_bytes(is_event_stream(a.how)
                                 ? event_greeting_head(a, log.name, cursor) + end + "\n\n"
                                 : frame_greeting_head(a, end.size()) + end);
  }
  if (newest_first(log.forks) <= a.known_fork)
    return nullptr;
  auto unknown = log.forks;
  std::erase_if(unknown, [&a](const log_fork& fork) { return fork.first <= a.known_fork; });
  return make_shared_bytes(encode(make_fork_events(a.room, unknown), a.how));
}

shared_bytes make_id_head(const attach& a, const shown_log& log) {
  return a.how == encoding::events_of_rooms ? make_shared_bytes(event_id_head(log.name)) : nullptr;
}

} // namespace hubbub
