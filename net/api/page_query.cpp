#include "net/api/page_query.hpp"

#include "net/http/parse_number.hpp"
#include "storage/log.hpp"
#include "storage/room_name.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace hubbub {

namespace {

constexpr int default_limit = 50, max_limit = 200;

} // namespace

std::variant<page_request, std::string_view>
read_page_query(const std::vector<query_parameter>& parameters) {
  page_request out{"lobby", no_end, 0, default_limit};
  for (const auto& [name, value] : parameters) {
    const auto number = parse_number(value);
    if (name == "room") {
      auto room = read_room_name(value);
      if (!room)
        return bad_room_name;
      out.room = std::move(*room);
    } else if (name == "before") {
      if (!number || *number < 1)
        return "before is the id of a message, a whole number over 0";
      out.before = *number;
    } else if (name == "limit") {
      if (!number || *number < 1 || *number > max_limit)
        return "limit is a whole number from 1 to 200";
      out.limit = int(*number);
    }
  }
  return out;
}

std::string next_page(const page_request& page, row_id last) {
  return "messages?room=" + boost::urls::encode(page.room, boost::urls::unreserved_chars) +
         "&before=" + std::to_string(last) + "&limit=" + std::to_string(page.limit);
}

} // namespace hubbub
