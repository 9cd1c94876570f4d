#include "net/api/page_query.hpp"

#include "net/http/date_time.hpp"
#include "net/http/parse_number.hpp"
#include "storage/log.hpp"
#include "storage/room_name.hpp"
#include "storage/search_words.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace hubbub {

namespace {

constexpr int default_limit = 50, max_limit = 200;

constexpr std::string_view bad_time =
    "at is a date and time such as 2026-01-31T09:30:00Z or 2026-01-31T09:30:00-05:00 (RFC 3339)";

// A browser that encodes a query as a form writes %2B by itself; a person often does not.
constexpr std::string_view unencoded_plus =
    "at has a space in the place of a plus sign: a plus sign is %2B in a query, as in "
    "2026-01-31T09:30:00%2B02:00";

problem wrong(std::string_view why) {
  return {problem_code::bad_query, why};
}

std::string_view error_of_time(std::string_view text) {
  const auto space = text.rfind(' ');
  if (space == text.npos)
    return bad_time;
  std::string encoded(text);
  encoded[space] = '+';
  return parse_date_time(encoded) ? unencoded_plus : bad_time;
}

} // namespace

std::variant<page_request, problem>
read_page_query(const std::vector<query_parameter>& parameters) {
  page_request out{"lobby", no_end, 0, default_limit};
  std::string_view start; // the name of the parameter that says where the page begins
  for (const auto& [name, value] : parameters) {
    const auto number = parse_number(value);
    if (name == "before" || name == "after" || name == "at") {
      if (!start.empty() && start != name)
        return wrong("a request has only one of before, after and at");
      start = name;
    }
    if (name == "room") {
      auto room = read_room_name(value);
      if (!room)
        return problem{problem_code::bad_room, bad_room_name};
      out.room = std::move(*room);
    } else if (name == "before") {
      if (!number || *number < 1)
        return wrong("before is the id of a message, a whole number over 0");
      out.before = *number;
    } else if (name == "after") {
      if (!number || *number < 0)
        return wrong("after is the id of a message, a whole number from 0");
      out.before.reset();
      out.after = *number;
    } else if (name == "at") {
      out.at = parse_date_time(value);
      if (!out.at)
        return wrong(error_of_time(value));
      out.before.reset();
    } else if (name == "q") {
      if (is_long_search(value))
        return wrong("q has at most 200 characters");
      if (split_words(value).empty())
        return wrong("q has at least one word, of letters or digits");
      out.search = value;
    } else if (name == "limit") {
      if (!number || *number < 1 || *number > max_limit)
        return wrong("limit is a whole number from 1 to 200");
      out.limit = int(*number);
    }
  }
  if (out.search && !out.before)
    return wrong("q goes with before, and not with after or at");
  return out;
}

std::string next_page(const page_request& page, row_id last) {
  const auto encode = [](const std::string& text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
  };
  return "messages?room=" + encode(page.room) + (page.search ? "&q=" + encode(*page.search) : "") +
         (page.before ? "&before=" : "&after=") + std::to_string(last) +
         "&limit=" + std::to_string(page.limit);
}

} // namespace hubbub
