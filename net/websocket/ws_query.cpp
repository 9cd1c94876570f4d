#include "net/websocket/ws_query.hpp"

#include "net/http/parse_number.hpp"
#include "storage/ascii_lowercase.hpp"
#include "storage/room_name.hpp"

namespace hubbub {

std::variant<ws_query, problem> read_ws_query(const std::vector<query_parameter>& query) {
  ws_query out;
  std::optional<row_id> after;
  std::string log;
  for (const auto& [name, value] : query) {
    if (name == "room") {
      auto room = read_room_name(value);
      if (!room)
        return problem{problem_code::bad_room, bad_room_name};
      out.room = std::move(*room);
    } else if (name == "after") {
      after = parse_number(value);
      if (!after)
        return problem{problem_code::bad_cursor, "after is the id of a message, a whole number"};
    } else if (name == "log")
      log = to_ascii_lowercase(
          value); // a UUID is read in either case of letters (RFC 9562, section 4)
  }
  if (after)
    out.from = position{*after, log};
  return out;
}

} // namespace hubbub
