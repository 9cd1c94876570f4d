// What a client asks for when it opens a WebSocket: `/ws?room=NAME&after=ID&log=UUID`.
// Knows: the parameters and their limits. Must not know: what rooms or logs there are.
#pragma once

#include "actors/protocol.hpp"
#include "net/http/request_target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

struct ws_query {
  std::string room = "lobby";
  std::optional<position> from;
};

/// The query, or one sentence about what is wrong with it. Unknown parameters are ignored. An id
/// that is a number but too large for one is beyond every log.
std::variant<ws_query, std::string_view> read_ws_query(const std::vector<query_parameter>& query);

} // namespace hubbub
