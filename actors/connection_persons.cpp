#include "actors/connection_persons.hpp"

#include <boost/uuid/uuid_io.hpp>

#include <vector>

namespace hubbub {

namespace {

/// The rooms that the connection is in. The views are valid until its rooms change.
std::vector<std::string_view> rooms_of(const connection_state& me) {
  std::vector<std::string_view> out;
  for (const auto& room : me.rooms)
    if (!room.leaving)
      out.emplace_back(room.name);
  return out;
}

std::unique_ptr<name_bearer> bearer_of(const connection_state& me, const author_profile& who) {
  if (who.name.empty())
    return nullptr;
  return std::make_unique<name_bearer>(name_bearer{
      skeletons_of(who.name), who.person.empty() ? to_string(me.self_as_author->id) : who.person});
}

} // namespace

std::optional<wire::refusal> take_hello(connection_state& me, wire::hello& command) {
  if (me.by && me.by->verified)
    return wire::refusal{
        refusal_code::verified_name, "the token says whose connection this is", {}};
  if (command.wrong)
    return wire::refusal{command.code, command.wrong, {}};
  auto next = me.by ? *me.by : author_profile();
  const bool check = command.name || (command.person && *command.person != next.person);
  if (!check)
    return {};
  if (command.name)
    next.name = std::move(*command.name);
  if (command.person)
    next.person = std::move(*command.person);
  auto named = bearer_of(me, next);
  if (named && !me.hub->names->rename(me.named.get(), *named, rooms_of(me)))
    return wire::refusal{refusal_code::name_taken,
                         "another person in one of the rooms has this name or one that looks alike",
                         {}};
  if (!named)
    unregister_name(me);
  me.named = std::move(named);
  me.by =
      next == author_profile() ? nullptr : std::make_shared<const author_profile>(std::move(next));
  return {};
}

void register_room(connection_state& me, std::string_view room) {
  if (me.named)
    me.hub->names->add(*me.named, {&room, 1});
}

void unregister_room(connection_state& me, std::string_view room) {
  if (me.named)
    me.hub->names->remove(*me.named, {&room, 1});
}

void unregister_name(connection_state& me) {
  if (me.named)
    me.hub->names->remove(*me.named, rooms_of(me));
  me.named = nullptr;
}

} // namespace hubbub
