#include "actors/connection.hpp"

#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

using pointer = connection_actor::stateful_pointer<connection_state>;

constexpr std::chrono::seconds free_ping_every{1};

/// Logs what happens to the messages of a connection, at the level debug. Never logs their texts.
template<class... Args>
void log_debug(const connection_state& me, fmt::format_string<Args...> what, Args&&... args) {
  if (spdlog::should_log(spdlog::level::debug))
    spdlog::debug("connection {} {}", to_string(me.self_as_author->id),
                  fmt::format(what, std::forward<Args>(args)...));
}

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
  if (!ingress.log().available() && (!ingress.has_space(*me.quota) || !me.in_flight.within(window)))
    return refuse(me,
                  {refusal_code::busy,
                   "the database is away and no more can wait; send it again later",
                   std::move(command.key), std::move(room)},
                  frame_bytes, 0);
  draft d{me.self_as_author, room, std::move(command.text), std::move(command.key), 0};
  ingress.take(weight(d), *me.quota);
  me.hub->counters->add(counter::accepted);
  me.in_flight += {1, frame_bytes};
  me.accepted.push({frame_bytes, std::move(room)});
  log_debug(me, "has said {} bytes{}", d.text.size(), d.key.empty() ? "" : ", with a key");
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

void take_frame(pointer self, const frame& f) {
  auto& me = self->state;
  auto command = wire::parse(f.text);
  const bool limited = !ends_subscription(me, command);
  if (limited && f.too_many)
    refuse(me, too_fast(me, command, "too much comes from your address; send it again in a while"),
           f.text.size(), 0);
  else if (limited && !within_rate(me, command, self->clock().now()))
    refuse(me, too_fast(me, command, "slow down a little, and send it again"), f.text.size());
  else
    std::visit([&](auto& what) { obey(self, what, f.text.size()); }, command);
}

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
  for (const auto& o : all) {
    auto [frame_bytes, room] = std::move(me.accepted.front());
    me.accepted.pop();
    settled += {1, frame_bytes};
    if (o.refused) {
      log_debug(me, "has a message that the database refuses");
      me.hub->counters->add_refused(refusal_code::unstorable);
      append_frame(bytes,
                   wire::error_event({refusal_code::unstorable, "the database refuses this message",
                                      o.key, std::move(room)}));
      continue;
    }
    log_debug(me, "has message {} as its number {}", o.id, o.number);
    if (!o.key.empty())
      append_frame(bytes, wire::ack_event(o.key, room, o.id, o.number));
  }
  me.in_flight -= settled;
  me.sink->reply(me.session, std::move(bytes), settled, 0);
}

} // namespace

uuid new_uuid() {
  thread_local boost::uuids::random_generator_pure generate;
  return generate();
}

connection_actor::behavior_type connection(pointer self, std::shared_ptr<const hub_context> hub,
                                           connection_params params) {
  auto& me = self->state;
  me.self_as_author = std::make_shared<author>(params.id, std::move(params.name));
  me.rooms = subscribed_rooms(std::move(params.room));
  me.allowed = std::move(params.rooms);
  me.quota = std::move(params.quota);
  me.sink = params.sink;
  me.how = params.how;
  me.session = params.session;
  me.rate_limit = {hub->rate, self->clock().now()};
  me.hub = std::move(hub);
  send_attach(self, me.rooms.first(), greeting::init, std::move(params.from), 0);
  log_debug(me, "opens in {}", me.rooms.first().name);
  return {
      [self](const frame& f) { take_frame(self, f); },
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
