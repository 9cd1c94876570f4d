// WebSocket test cases: the bytes to send after the handshake, and everything that must come back.
// Knows: RFC 6455 and the frames of the hub. Must not know: what the hub does.
#pragma once

#include "tests/support/transcript.hpp"

#include <vector>

namespace test {

/// With the default `close`, the connection stays open after the bytes, and ends with our close
/// frame.
struct ws_case {
  const char* section; ///< A section of RFC 6455, or of another RFC that is named.
  std::string what;
  std::string sent;
  std::vector<std::string> heard =
      {}; ///< The texts of messages, and the codes of errors after `!`.
  std::vector<std::string> pongs = {};
  std::uint16_t close = 1000;
};

/// Sends each case three times: in one write with the handshake, in two parts that are cut near the
/// end of the last frame, and byte by byte. Checks everything that the hub sends, with doctest.
void play(const std::vector<ws_case>& cases);

// -- frames for the cases -------------------------------------------------------------------------

inline constexpr auto hello = R"({"type":"message","text":"hello"})";

/// A message with this text as JSON, padded with spaces to this number of bytes.
std::string message_json(const std::string& text, std::size_t bytes = 0);

std::string text(const std::string& payload, bool final = true);
std::string more(const std::string& payload, bool final = true);
std::string ping(const std::string& payload = {});
std::string close_frame(std::uint16_t code, const std::string& reason = {});
std::string repeated(const std::string& part, std::size_t times);

/// A frame with the given first two bytes, followed by `rest`.
std::string raw(int first, int second, const std::string& rest = {});

/// A masking key that leaves the payload unchanged.
inline const std::string no_mask(4, '\0');

} // namespace test
