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

void accept(pointer self, wire::message_command command, std::size_t frame_bytes) {
  auto& me = self->state;
  auto& ingress = *me.hub->ingress;
  if (command.room.value_or(me.room) != me.room) {
    refuse(me,
           {refusal_code::not_subscribed, "the connection is not subscribed to this room",
            command.key, *command.room},
           frame_bytes);
    return;
  }
  if (!ingress.log().available() &&
      (!ingress.has_space(*me.quota) || !me.in_flight.within(window))) {
    refuse(me,
           {refusal_code::busy, "the database is away and no more can wait; send it again later",
            command.key, me.room},
           frame_bytes, 0);
    return;
  }
  draft d{me.self_as_author, me.room, std::move(command.text), std::move(command.key), 0};
  ingress.take(weight(d), *me.quota);
  me.hub->counters->add(counter::accepted);
  me.in_flight += {1, frame_bytes};
  me.frame_sizes.push(frame_bytes);
  log_debug(me, "has said {} bytes{}", d.text.size(), d.key.empty() ? "" : ", with a key");
  self->send(me.hub->persistence, std::move(d), connection_actor{self}, me.quota);
}

/// Returns whether the rate limit allows one more frame. One ping per second is free.
bool within_rate(connection_state& me, const wire::command& command,
                 token_bucket::clock::time_point now) {
  if (std::holds_alternative<wire::ping>(command) && now >= me.next_free_ping) {
    me.next_free_ping = now + free_ping_every;
    return true;
  }
  return me.rate_limit.take(now);
}

void settle(connection_state& me, const outcomes& all) {
  std::string bytes;
  frame_volume settled;
  for (const auto& o : all) {
    settled += {1, me.frame_sizes.front()};
    me.frame_sizes.pop();
    if (o.refused) {
      log_debug(me, "has a message that the database refuses");
      me.hub->counters->add_refused(refusal_code::unstorable);
      append_frame(bytes, wire::error_event({refusal_code::unstorable,
                                             "the database refuses this message", o.key, me.room}));
      continue;
    }
    log_debug(me, "has message {} as its number {}", o.id, o.number);
    if (!o.key.empty())
      append_frame(bytes, wire::ack_event(o.key, me.room, o.id, o.number));
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
  me.room = std::move(params.room);
  me.quota = std::move(params.quota);
  me.sink = params.sink;
  me.how = params.how;
  me.session = params.session;
  me.rate_limit = {hub->rate, self->clock().now()};
  me.hub = std::move(hub);
  const auto send_attach = [self](subscription_ref of, bool first, std::optional<position> from,
                                  row_id known_fork) {
    auto& me = self->state;
    self->send(me.hub->broadcaster,
               attach{me.room, me.sink, me.how, me.session, of, me.self_as_author->id, first,
                      !first, std::move(from), known_fork});
  };
  send_attach(1, true, std::move(params.from), 0);
  log_debug(me, "opens in {}", me.room);
  return {
      [self](const frame& f) {
        auto& me = self->state;
        auto command = wire::parse(f.text);
        if (f.too_many || !within_rate(me, command, self->clock().now())) {
          const auto* message = std::get_if<wire::message_command>(&command);
          const auto* advice = f.too_many
                                   ? "too much comes from your address; send it again in a while"
                                   : "slow down a little, and send it again";
          refuse(me,
                 {refusal_code::too_fast, advice, message ? message->key : "",
                  wire::named_room(command, me.room)},
                 f.text.size(), !f.too_many);
        } else if (auto* why = std::get_if<wire::refusal>(&command)) {
          why->room = wire::named_room(command, me.room);
          refuse(me, *why, f.text.size());
        } else if (std::holds_alternative<wire::ping>(command))
          me.sink->reply(me.session, framed(wire::pong_event), {1, f.text.size()}, 0);
        else if (auto* message = std::get_if<wire::message_command>(&command))
          accept(self, std::move(*message), f.text.size());
        else
          refuse(me, {refusal_code::unknown_type, "this type of frame is unknown", {}},
                 f.text.size());
      },
      [send_attach](const delivery_request& d) {
        send_attach(d.subscription, false, position{d.cursor, {}}, d.known_fork);
      },
      [self](closed_atom) {
        log_debug(self->state, "is gone");
        self->send(self->state.hub->broadcaster,
                   unsubscribe{self->state.room, self->state.sink, self->state.how});
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
