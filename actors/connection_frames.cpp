#include "actors/connection_frames.hpp"

#include "actors/connection_log.hpp"
#include "actors/frame_header.hpp"
#include "actors/older_hub.hpp"
#include "actors/wire.hpp"

namespace hubbub {

namespace {

using pointer = connection_actor::stateful_pointer<connection_state>;

constexpr std::chrono::seconds free_ping_every{1};

std::string framed(std::string_view event) {
  std::string out;
  append_frame(out, event);
  return out;
}

/// Refuses a frame. `client_faults`: 1 if the refusal is the client's own fault, else 0.
void refuse(connection_state& me, const wire::refusal& why, std::size_t frame_bytes,
            std::uint32_t client_faults = 1) {
  me.hub->counters->add_refused(why.code);
  spdlog::info("a frame is refused, {}: of connection {}", name_of(why.code),
               to_string(me.self_as_author->id));
  me.sink->reply(me.session, framed(wire::error_event(why)), {1, frame_bytes}, client_faults);
}

// -- rates ----------------------------------------------------------------------------------------

/// Returns whether the command ends a subscription. No rate limit refuses such a command: the limit
/// on `subscribe` bounds how many there are.
bool ends_subscription(connection_state& me, const wire::command& command) {
  const auto* end = std::get_if<wire::unsubscribe>(&command);
  return end && me.rooms.find(end->room);
}

/// Takes one frame from the rate limits of the connection. Returns whether they allow it. One ping
/// per second is free, and subscribing has a limit of its own.
bool within_rate(connection_state& me, const wire::command& command,
                 token_bucket::clock::time_point now) {
  if (std::holds_alternative<wire::ping>(command) && now >= me.next_free_ping) {
    me.next_free_ping = now + free_ping_every;
    return true;
  }
  if (std::holds_alternative<wire::subscribe>(command)) {
    if (!me.subscribe_limit)
      me.subscribe_limit =
          std::make_unique<token_bucket>(me.hub->rate, double(me.hub->max_rooms), now);
    return me.subscribe_limit->take(now);
  }
  return me.rate_limit.take(now);
}

/// Returns the refusal of a frame that is over a rate limit, with its room and its key.
wire::refusal too_fast(const connection_state& me, const wire::command& command,
                       const char* advice) {
  const auto* message = std::get_if<wire::message_command>(&command);
  return {refusal_code::too_fast, advice, message ? message->key : "",
          wire::named_room(command, me.rooms.first().name)};
}

// -- commands -------------------------------------------------------------------------------------

void obey(pointer self, wire::message_command& command, std::size_t frame_bytes) {
  auto& me = self->state;
  auto& ingress = *me.hub->ingress;
  auto room = command.room ? std::move(*command.room) : me.rooms.first().name;
  if (!me.rooms.find(room))
    return refuse(me,
                  {refusal_code::not_subscribed, "this connection is not subscribed to the room",
                   std::move(command.key), std::move(room)},
                  frame_bytes);
  if (!command.data.empty() && ingress.log().older_hub_lives())
    return refuse(
        me, {refusal_code::upgrading, upgrading_text, std::move(command.key), std::move(room)},
        frame_bytes, 0);
  if (!ingress.log().available() && (!ingress.has_space(*me.quota) || !me.in_flight.within(window)))
    return refuse(me,
                  {refusal_code::busy,
                   "the database is away and no more can wait; send it again later",
                   std::move(command.key), std::move(room)},
                  frame_bytes, 0);
  draft d{me.self_as_author,      room, std::move(command.text), std::move(command.key), 0, me.by,
          std::move(command.data)};
  ingress.take(weight(d), *me.quota);
  me.hub->counters->add(counter::accepted);
  me.in_flight += {1, frame_bytes};
  me.accepted.push({frame_bytes, std::move(room)});
  log_debug(me, "has said {} bytes{}{}", d.text.size(), d.data.empty() ? "" : ", with data",
            d.key.empty() ? "" : ", with a key");
  self->send(me.hub->persistence, std::move(d), connection_actor{self}, me.quota);
}

void obey(pointer self, wire::subscribe& command, std::size_t frame_bytes) {
  auto& me = self->state;
  const auto refused = [&](refusal_code code, const char* why) {
    refuse(me, {code, why, {}, std::move(command.room)}, frame_bytes);
  };
  if (!allows(me.allowed, command.room))
    return refused(refusal_code::forbidden, "the token does not allow this room");
  if (me.rooms.find(command.room))
    return refused(refusal_code::already_subscribed,
                   "this connection is subscribed to the room already");
  if (me.rooms.size() >= me.hub->max_rooms)
    return refused(refusal_code::too_many_rooms,
                   "this connection has as many rooms as it may have");
  log_debug(me, "subscribes to {}", command.room);
  auto& room = me.rooms.add(std::move(command.room));
  if (command.from) {
    room.first = std::make_unique<subscribed_room::first_request>();
    room.first->from = std::move(command.from);
    if (command.most)
      room.first->limit = resume_limit{*command.most};
  }
  me.sink->subscribe(me.session, room.number, {1, frame_bytes});
}

void obey(pointer self, wire::unsubscribe& command, std::size_t frame_bytes) {
  auto& me = self->state;
  auto* const room = me.rooms.find(command.room);
  if (!room)
    return refuse(me,
                  {refusal_code::not_subscribed,
                   "this connection is not subscribed to the room",
                   {},
                   std::move(command.room)},
                  frame_bytes);
  log_debug(me, "unsubscribes from {}", room->name);
  me.rooms.leave(*room);
  me.sink->unsubscribe(me.session, room->number, framed(wire::unsubscribed_event(room->name)),
                       {1, frame_bytes});
}

void obey(pointer self, wire::ping, std::size_t frame_bytes) {
  auto& me = self->state;
  me.sink->reply(me.session, framed(wire::pong_event), {1, frame_bytes}, 0);
}

void obey(pointer self, wire::refusal& why, std::size_t frame_bytes) {
  auto& me = self->state;
  if (why.of_first_room)
    why.room = me.rooms.first().name;
  refuse(me, why, frame_bytes);
}

} // namespace

void take_frame(pointer self, const frame& f) {
  auto& me = self->state;
  auto command = wire::parse(f.text, me.hub->max_data);
  const bool limited = !ends_subscription(me, command);
  if (limited && f.too_many)
    refuse(me, too_fast(me, command, "too much comes from your address; send it again in a while"),
           f.text.size(), 0);
  else if (limited && !within_rate(me, command, self->clock().now()))
    refuse(me, too_fast(me, command, "slow down a little, and send it again"), f.text.size());
  else
    std::visit([&](auto& what) { obey(self, what, f.text.size()); }, command);
}

} // namespace hubbub
