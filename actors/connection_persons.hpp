// A part of the connection actor: its name and its person.
// Knows: the profile of the connection, and the names of others in its rooms. Must not know: rates,
// sessions.
#pragma once

#include "actors/connection_state.hpp"
#include "actors/wire_command.hpp"

namespace hubbub {

/// Gives the connection the name and the person of a hello. Returns the refusal, with which nothing
/// has changed, or nothing.
std::optional<wire::refusal> take_hello(connection_state& me, wire::hello& command);

// The three calls that follow keep the registry right. They do nothing for a connection that has no
// name of a hello. Names of tokens are not in the registry: a hub that knows tokens admits nobody
// without one, so nobody there may say hello.

/// The connection is in a further room.
void register_room(connection_state& me, std::string_view room);

/// The connection is no longer in a room.
void unregister_room(connection_state& me, std::string_view room);

/// The session has ended, so the name is free.
void unregister_name(connection_state& me);

} // namespace hubbub
