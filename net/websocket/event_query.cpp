#include "net/websocket/event_query.hpp"

#include "net/access/cors.hpp"
#include "net/http/parse_number.hpp"
#include "net/websocket/ws_query.hpp"
#include "storage/ascii_lowercase.hpp"
#include "storage/room_name.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

constexpr std::string_view path = "/events";

bool is_uuid(std::string_view text) {
  if (text.size() != 36)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i == 8 || i == 13 || i == 18 || i == 23
            ? text[i] != '-'
            : !std::isxdigit(static_cast<unsigned char>(text[i])))
      return false;
  return true;
}

/// Reads `LOG:ID`.
std::optional<position> read_event_id(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || !is_uuid(text.substr(0, colon)))
    return {};
  const auto id = parse_number(text.substr(colon + 1));
  if (!id || *id < 0)
    return {};
  return position{*id, to_ascii_lowercase(text.substr(0, colon))};
}

std::string render_head(const http_request& request, const cors_headers& sharing) {
  http::response<http::empty_body> out(http::status::ok, request.version());
  set_common_headers(out, "default-src 'none'; frame-ancestors 'none'");
  out.set(http::field::content_type, "text/event-stream");
  out.set(http::field::cache_control, "no-store");
  out.set("X-Accel-Buffering", "no"); // nginx passes each event on at once
  out.keep_alive(false);              // the end of the connection is the end of the answer
  sharing.add_to(out);
  std::ostringstream text;
  text << out.base();
  return text.str();
}

} // namespace

std::variant<event_query, problem> read_event_query(const std::vector<query_parameter>& query,
                                                    std::string_view last_event_id,
                                                    std::size_t max_rooms) {
  event_query out;
  for (const auto& [name, value] : query) {
    if (name != "room")
      continue;
    auto room = read_room_name(value);
    if (!room)
      return problem{problem_code::bad_room, bad_room_name};
    if (std::find(out.rooms.begin(), out.rooms.end(), *room) != out.rooms.end())
      return problem{problem_code::bad_query, "A room may be named once"};
    if (out.rooms.size() == max_rooms)
      return problem{problem_code::too_many_rooms,
                     "The request names more rooms than MAX_ROOMS allows"};
    out.rooms.push_back(std::move(*room));
  }
  if (out.rooms.empty())
    out.rooms.emplace_back(ws_query().room);
  if (!last_event_id.empty()) {
    out.from = read_event_id(last_event_id);
    if (!out.from)
      return problem{problem_code::bad_cursor,
                     "Last-Event-ID is the id of an event, the UUID of a log and a number"};
    return out;
  }
  auto rest = read_ws_query(query);
  if (const auto* wrong = std::get_if<problem>(&rest))
    return *wrong;
  out.from = std::move(std::get<ws_query>(rest).from);
  return out;
}

bool asks_for_events(const http_request& request) {
  const std::string_view target(request.target().data(), request.target().size());
  if (request.method() != http::verb::get ||
      (target.find(path) == target.npos && target.find('%') == target.npos))
    return false;
  const auto parsed = parse_target(target);
  return parsed && parsed->path == path;
}

std::variant<event_admission, refused_request> read_event_request(const http_request& request,
                                                                  const event_rules& rules) {
  const cors_headers sharing(request, rules.pages);
  const auto field = [&](auto name) {
    return std::string_view(request[name].data(), request[name].size());
  };
  const auto shared = [&](refused_request out) {
    sharing.add_to(out.answer);
    return out;
  };
  const auto refuse = [&](const problem& why) { return shared(make_refusal(request, why)); };
  if (request.version() < 11)
    return refuse({problem_code::http_version, "An event stream needs HTTP/1.1"});
  if (!origin_allowed(field(http::field::origin), field(http::field::host), rules.pages))
    return refuse({problem_code::foreign_origin, "Pages of this origin may not connect here"});
  const auto target = parse_target({request.target().data(), request.target().size()});
  auto read = read_event_query(target->query, field("Last-Event-ID"), rules.max_rooms);
  if (const auto* wrong = std::get_if<problem>(&read))
    return refuse(*wrong);
  auto& query = std::get<event_query>(read);
  auto admitted = admit(rules.token, request, *target, query.rooms.front());
  if (auto* const refused = std::get_if<refused_request>(&admitted))
    return shared(std::move(*refused));
  auto& user = std::get<identity>(admitted);
  for (const auto& room : query.rooms)
    if (!allows(user.rooms, room))
      return refuse({problem_code::forbidden, "The token is for other rooms"});
  return event_admission{std::move(query), std::move(user), render_head(request, sharing)};
}

} // namespace hubbub
