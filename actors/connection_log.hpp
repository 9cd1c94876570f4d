// What the log output says about one connection.
// Knows: the UUID of the connection. Must not know: what happens, and why.
#pragma once

#include "actors/connection_state.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

/// Logs what happens to the messages of a connection, at the level debug. Must not be given their
/// texts.
template<class... Args>
void log_debug(const connection_state& me, fmt::format_string<Args...> what, Args&&... args) {
  if (spdlog::should_log(spdlog::level::debug))
    spdlog::debug("connection {} {}", to_string(me.self_as_author->id),
                  fmt::format(what, std::forward<Args>(args)...));
}

} // namespace hubbub
