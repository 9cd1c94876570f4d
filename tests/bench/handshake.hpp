// The upgrade from HTTP to WebSocket (RFC 6455 section 4), and the request for an event stream, as
// a client sees them. Knows: requests and answers. Must not know: sockets, or what the connection
// is for.
#pragma once

#include "frames.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

inline std::string upgrade_request(const std::string& target, std::uint16_t port, bool deflate) {
  constexpr auto offer = // as browsers send it
      "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
  return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + std::string(sample_key) +
         (deflate ? offer : "") + "\r\n\r\n";
}

/// What is wrong with the head of an answer; empty if the server accepted, and compresses each
/// message by itself if `deflate` is true, or nothing otherwise.
inline std::string upgrade_fault(std::string_view head, bool deflate) {
  if (!head.starts_with("HTTP/1.1 101 ") || head.find(sample_accept) == head.npos)
    return "refused: " + std::string(head.substr(0, head.find('\r')));
  // The one inflater for all clients needs this parameter, which a server may give although the
  // client did not ask for it (RFC 7692, section 7.1.1.1).
  const bool deflates = head.find("permessage-deflate") != head.npos &&
                        head.find("server_no_context_takeover") != head.npos;
  if (deflates == deflate)
    return {};
  return deflates ? "compression that nobody asked for"
                  : "no compression of each message by itself";
}

inline std::string events_request(std::size_t room, std::uint16_t port) {
  return "GET /events?room=" + std::to_string(room) +
         " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
}

/// What is wrong with the head of an answer; empty if it begins an event stream.
inline std::string events_fault(std::string_view head) {
  if (head.starts_with("HTTP/1.1 200 ") && head.find("text/event-stream") != head.npos)
    return {};
  return "refused: " + std::string(head.substr(0, head.find('\r')));
}

} // namespace bench
