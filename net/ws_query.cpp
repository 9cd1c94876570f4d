#include "net/ws_query.hpp"

#include "net/room_name.hpp"

#include <charconv>
#include <limits>

namespace hubbub {

namespace {

std::optional<row_id> read_id(std::string_view text) {
  row_id id = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (ec == std::errc::invalid_argument || end != text.data() + text.size())
    return {};
  if (ec == std::errc::result_out_of_range)
    return text[0] == '-' ? -1 : std::numeric_limits<row_id>::max();
  return id;
}

} // namespace

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
      after = read_id(parameter.value);
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
