// A part of the connection actor: what happens to the frames of its client.
// Knows: the commands of clients, rates, and what is refused. Must not know: deliveries, outcomes.
#pragma once

#include "actors/connection_state.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

/// Obeys the command of a frame, or refuses it. See `connection` for how frames are settled.
void take_frame(connection_actor::stateful_pointer<connection_state> self, const frame& f);

/// Logs what happens to the messages of a connection, at the level debug. Never logs their texts.
template<class... Args>
void log_debug(const connection_state& me, fmt::format_string<Args...> what, Args&&... args) {
  if (spdlog::should_log(spdlog::level::debug))
    spdlog::debug("connection {} {}", to_string(me.self_as_author->id),
                  fmt::format(what, std::forward<Args>(args)...));
}

} // namespace hubbub
