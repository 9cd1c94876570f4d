// The query of a WebSocket handshake: `/ws?room=NAME&after=ID&log=UUID`.
// Knows: the parameters and their limits. Must not know: which rooms or logs exist.
#pragma once

#include "actors/position.hpp"
#include "net/http/problem.hpp"
#include "net/http/request_target.hpp"

#include <optional>
#include <string>
#include <variant>

namespace hubbub {

struct ws_query {
  std::string room = "lobby";
  std::optional<position> from;
};

/// Returns the query, or its error. Unknown parameters are ignored. A number that is too large for
/// an id counts as the largest id, which is beyond every log.
std::variant<ws_query, problem> read_ws_query(const std::vector<query_parameter>& query);

} // namespace hubbub
