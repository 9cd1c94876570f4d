#include "net/ws_query.hpp"

#include "net/room_name.hpp"
#include "net/whole_number.hpp"

namespace hubbub {

std::variant<ws_query, std::string_view> read_ws_query(const boost::urls::url_view& url) {
  ws_query out;
  std::optional<row_id> after;
  std::string log;
  for (const auto& parameter : url.params()) {
    if (parameter.key == "room") {
      if (!good_room_name(parameter.value))
        return bad_room_name;
      out.room = parameter.value;
    } else if (parameter.key == "after") {
      after = whole_number(parameter.value);
      if (!after)
        return "after is the id of a message, a whole number";
    } else if (parameter.key == "log")
      log = parameter.value;
  }
  if (after)
    out.from = position{*after, log};
  return out;
}

} // namespace hubbub
