#include "actors/connection.hpp"

#include "actors/connection_frames.hpp"
#include "actors/connection_log.hpp"
#include "actors/connection_persons.hpp"
#include "actors/frame_header.hpp"
#include "actors/outcome_text.hpp"
#include "actors/wire.hpp"

#include <boost/uuid/random_generator.hpp>

namespace hubbub {

namespace {

using pointer = connection_actor::stateful_pointer<connection_state>;

// -- subscriptions --------------------------------------------------------------------------------

void send_attach(pointer self, subscribed_room& room, greeting greet, std::optional<position> from,
                 row_id known_fork, std::optional<resume_limit> limit = {}) {
  auto& me = self->state;
  attach out{room.name,       me.sink,
             me.how,          me.session,
             room.number,     me.self_as_author->id,
             greet,           std::exchange(room.is_member, true),
             std::move(from), limit,
             known_fork};
  self->send(me.hub->broadcaster, std::move(out));
}

/// Requests the next delivery of a subscription, or the first one.
void request_delivery(pointer self, const delivery_request& d) {
  auto* const room = self->state.rooms.find(d.subscription);
  if (!room)
    return;
  // A room that is leaving is attached too: its session waits for the answer before it ends it.
  if (room->is_member)
    return send_attach(self, *room, greeting::none, position{d.cursor, {}}, d.known_fork);
  const auto first = std::move(room->first);
  if (first)
    send_attach(self, *room, greeting::subscribed, std::move(first->from), 0, first->limit);
  else
    send_attach(self, *room, greeting::subscribed, {}, 0);
}

void unsubscribe_member(pointer self, const subscribed_room& room) {
  auto& me = self->state;
  if (room.is_member)
    self->send(me.hub->broadcaster, unsubscribe{room.name, me.sink, me.how});
}

void settle(connection_state& me, const outcomes& all) {
  std::string bytes;
  frame_volume settled;
  std::uint32_t client_faults = 0;
  for (const auto& o : all) {
    auto [frame_bytes, room] = std::move(me.accepted.front());
    me.accepted.pop();
    settled += {1, frame_bytes};
    if (o.refused) {
      client_faults += *o.refused == refusal_code::key_conflict;
      log_debug(me, "has a message that is refused, {}", name_of(*o.refused));
      me.hub->counters->add_refused(*o.refused);
      append_frame(
          bytes, wire::error_event({*o.refused, outcome_text(*o.refused), o.key, std::move(room)}));
      continue;
    }
    log_debug(me, "has message {} as its number {}", o.id, o.number);
    if (!o.key.empty())
      append_frame(bytes, wire::ack_event(o.key, room, o.id, o.number));
  }
  me.in_flight -= settled;
  me.sink->reply(me.session, std::move(bytes), settled, client_faults);
}

} // namespace

uuid new_uuid() {
  thread_local boost::uuids::random_generator_pure generate;
  return generate();
}

connection_actor::behavior_type connection(pointer self, std::shared_ptr<const hub_context> hub,
                                           connection_params params) {
  auto& me = self->state;
  me.self_as_author = std::make_shared<author>(params.id);
  me.by = std::move(params.by);
  me.rooms = subscribed_rooms(std::move(params.room));
  me.allowed = std::move(params.rooms);
  me.quota = std::move(params.quota);
  me.sink = params.sink;
  me.how = params.how;
  me.session = params.session;
  me.rate_limit = {hub->rate, self->clock().now()};
  me.hub = std::move(hub);
  for (auto& name : params.more_rooms)
    if (auto& room = me.rooms.add(std::move(name)); params.from) {
      room.first = std::make_unique<subscribed_room::first_request>();
      room.first->from = params.from;
    }
  send_attach(self, me.rooms.first(), greeting::init, std::move(params.from), 0);
  log_debug(me, "opens in {}", me.rooms.first().name);
  return {
      [self](frame& f) { take_frame(self, f); },
      [self](const delivery_request& d) { request_delivery(self, d); },
      [self](const subscription_ended& ended) {
        if (auto* const room = self->state.rooms.find(ended.subscription)) {
          unsubscribe_member(self, *room);
          self->state.rooms.remove(*room);
        }
      },
      [self](closed_atom) {
        log_debug(self->state, "is gone");
        for (const auto& room : self->state.rooms)
          unsubscribe_member(self, room);
        unregister_name(self->state);
        self->state.session_closed = true;
        if (self->state.in_flight.frames == 0)
          self->quit();
      },
      [self](const outcomes& all) {
        settle(self->state, all);
        if (self->state.session_closed && self->state.in_flight.frames == 0)
          self->quit();
      },
  };
}

} // namespace hubbub
