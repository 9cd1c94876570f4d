#include "net/websocket/compression.hpp"

#include "actors/deflater.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <charconv>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

/// The window that the hub asks clients to use: 1 KiB, enough for most messages. A client that
/// cannot limit its window costs the hub 32 KiB.
constexpr int client_window_bits = 10;

} // namespace

boost::beast::websocket::permessage_deflate negotiate_deflate(const http::fields& request) {
  boost::beast::websocket::permessage_deflate out;
  out.server_no_context_takeover = out.client_no_context_takeover = true;
  for (const auto& offer : http::ext_list(request[http::field::sec_websocket_extensions])) {
    if (!boost::beast::iequals(offer.first, "permessage-deflate"))
      continue;
    out.server_enable = true;
    for (const auto& [name, value] : offer.second)
      if (boost::beast::iequals(name, "client_max_window_bits"))
        out.client_max_window_bits = client_window_bits;
      else if (boost::beast::iequals(name, "server_max_window_bits")) {
        int bits = 0;
        std::from_chars(value.data(), value.data() + value.size(), bits);
        out.server_enable = bits >= deflater::window_bits;
      }
    break; // Beast reads the first offer only
  }
  return out;
}

} // namespace hubbub
