// A part of the connection actor: what happens to the frames of its client.
// Knows: the commands of clients, rates, and what is refused. Must not know: deliveries, outcomes.
#pragma once

#include "actors/connection_state.hpp"

namespace hubbub {

/// Obeys the command of a frame, or refuses it. See `connection` for how frames are settled.
/// Overwrites the frame unless it is a message, because it may have a secret.
void take_frame(connection_actor::stateful_pointer<connection_state> self, frame& f);

} // namespace hubbub
