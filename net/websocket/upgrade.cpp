#include "net/websocket/upgrade.hpp"

#include "net/http/request_head.hpp"

namespace hubbub {

namespace http = boost::beast::http;

std::variant<admission, refused_request> read_upgrade(const http_request& request,
                                                      const upgrade_rules& rules) {
  const auto field = [&](http::field name) {
    return std::string_view(request[name].data(), request[name].size());
  };
  const auto refuse = [&](const problem& why) { return make_refusal(request, why); };
  const auto target = parse_target({request.target().data(), request.target().size()});
  if (!target)
    return refuse({problem_code::bad_request, "The request's target is malformed"});
  if (target->path != "/ws")
    return refuse({problem_code::not_found, "Not Found"});
  if (field(http::field::sec_websocket_version) != "13") {
    auto out = refuse({problem_code::upgrade_required, "This is a WebSocket of version 13"});
    out.answer.set(http::field::upgrade, "websocket");
    out.answer.set(http::field::sec_websocket_version, "13");
    return out;
  }
  if (!is_websocket_key(field(http::field::sec_websocket_key)))
    return refuse({problem_code::bad_request, "Sec-WebSocket-Key has 16 bytes in base64"});
  if (!origin_allowed(field(http::field::origin), field(http::field::host), rules.pages))
    return refuse({problem_code::foreign_origin, "Pages of this origin may not connect here"});
  auto read = read_ws_query(target->query);
  if (const auto* wrong = std::get_if<problem>(&read))
    return refuse(*wrong);
  auto& query = std::get<ws_query>(read);
  auto user = admit(rules.token, request, *target, query.room);
  if (auto* const refused = std::get_if<refused_request>(&user))
    return std::move(*refused);
  return admission{std::move(query), std::get<identity>(std::move(user))};
}

} // namespace hubbub
