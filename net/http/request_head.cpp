#include "net/http/request_head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <cctype>

namespace hubbub {

namespace {

namespace http = boost::beast::http;
namespace urls = boost::urls;

boost::core::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_valid_host(boost::beast::string_view host) {
  const auto authority = urls::parse_authority(view(host));
  return authority && !authority->has_userinfo();
}

/// Replaces a target in absolute form by its path, and Host by its host. The scheme may be `ws` or
/// `wss` too, because some clients send the URL that they were told to open. Another target stays.
void convert_absolute_target(request_head& head) {
  const std::string given(head.target());
  const auto mark = given.find("://");
  if (mark == given.npos)
    return;
  const auto scheme = std::string_view(given).substr(0, mark);
  const auto is_scheme = [&](boost::beast::string_view known) {
    return boost::beast::iequals({scheme.data(), scheme.size()}, known);
  };
  if (!is_scheme("http") && !is_scheme("https") && !is_scheme("ws") && !is_scheme("wss"))
    return;
  const auto from = mark + 3, to = std::min(given.find_first_of("/?#", from), given.size());
  const auto host = given.substr(from, to - from);
  if (host.empty() || host[0] == ':' || !is_valid_host(host))
    return;
  head.set(http::field::host, host);
  head.target((to < given.size() && given[to] == '/' ? "" : "/") + given.substr(to));
}

void join_fields(request_head& head, http::field list) {
  if (head.count(list) < 2)
    return;
  std::string all;
  for (auto [at, end] = head.equal_range(list); at != end; ++at)
    all += (all.empty() ? "" : ", ") + std::string(at->value());
  head.set(list, all);
}

} // namespace

std::optional<problem> normalize(request_head& head) {
  const bool modern = head.version() >= 11;
  if (const auto hosts = head.count(http::field::host);
      hosts > 1 || (modern && hosts == 0) || !is_valid_host(head[http::field::host]))
    return problem{problem_code::bad_request, "A request must have exactly one valid Host"};
  // No endpoint needs chunks, and most request smuggling comes from them.
  if (head.count(http::field::transfer_encoding))
    return problem{problem_code::length_required, "A body must have a Content-Length"};
  for (const auto once :
       {http::field::origin, http::field::sec_websocket_key, http::field::sec_websocket_version})
    if (head.count(once) > 1)
      return problem{problem_code::bad_request,
                     "Origin, Sec-WebSocket-Key and Sec-WebSocket-Version must not be repeated"};
  convert_absolute_target(head);
  join_fields(head, http::field::connection);
  join_fields(head, http::field::upgrade);
  return {};
}

bool expects_continue(const request_head& head) {
  return head.version() >= 11 && boost::beast::iequals(head[http::field::expect], "100-continue");
}

bool is_websocket_key(std::string_view text) {
  return text.size() == 24 && text.ends_with("==") &&
         std::all_of(text.begin(), text.end() - 2,
                     [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '/'; });
}

} // namespace hubbub
