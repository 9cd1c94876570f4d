#include "net/request_head.hpp"

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

/// `ws` too: that is what a client was asked to open.
void take_absolute_target(request_head& head) {
  const std::string_view given(head.target().data(), head.target().size());
  const auto colon = std::min(given.find(':'), given.size());
  if (!given.substr(colon).starts_with("://")) // else an assertion of Boost.URL 1.81 may fail
    return;
  const auto url = urls::parse_uri(view(head.target()));
  if (!url || url->encoded_host().empty())
    return;
  switch (url->scheme_id()) {
  case urls::scheme::http:
  case urls::scheme::https:
  case urls::scheme::ws:
  case urls::scheme::wss:
    break;
  default:
    return;
  }
  const std::string host(url->encoded_host_and_port());
  std::string target(url->encoded_path());
  if (!target.empty() && target[0] != '/') // Boost.URL 1.81 ends a port where its digits end
    return;
  if (target.empty())
    target = "/";
  if (url->has_query())
    target += '?' + std::string(url->encoded_query());
  head.set(http::field::host, host);
  head.target(target);
}

void join(request_head& head, http::field list) {
  if (head.count(list) < 2)
    return;
  std::string all;
  for (auto [at, end] = head.equal_range(list); at != end; ++at)
    all += (all.empty() ? "" : ", ") + std::string(at->value());
  head.set(list, all);
}

bool good_host(boost::beast::string_view host) {
  const auto authority = urls::parse_authority(view(host));
  return authority && !authority->has_userinfo();
}

} // namespace

std::optional<head_refusal> straighten(request_head& head) {
  using http::status;
  const bool modern = head.version() >= 11;
  if (const auto hosts = head.count(http::field::host);
      hosts > 1 || (modern && hosts == 0) || !good_host(head[http::field::host]))
    return head_refusal{status::bad_request, "A request has one Host"};
  // Nothing here takes a body, and chunks are what most quarrels over its end come from.
  if (head.count(http::field::transfer_encoding))
    return head_refusal{status::length_required, "A body has a Content-Length"};
  for (const auto once :
       {http::field::origin, http::field::sec_websocket_key, http::field::sec_websocket_version})
    if (head.count(once) > 1)
      return head_refusal{status::bad_request,
                          "Origin, Sec-WebSocket-Key and Sec-WebSocket-Version are given once"};
  take_absolute_target(head);
  join(head, http::field::connection);
  join(head, http::field::upgrade);
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
