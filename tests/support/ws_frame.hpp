// Encodes and decodes one WebSocket frame (RFC 6455 section 5.2). A test can set every bit. Must
// not know messages, handshakes or sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace test {

enum class opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

struct ws_frame {
  opcode code = opcode::text;
  std::string payload = {};
  bool final = true;
  std::uint8_t reserved = 0; ///< The bits RSV1 to RSV3, as 4, 2 and 1.
  bool masked = true;        ///< A client must mask, a server must not (section 5.1).
};

/// The bytes of a frame. `declared` replaces the payload's size in the header, which may then be
/// wrong.
std::string encode(const ws_frame& frame, std::optional<std::uint64_t> declared = {});

/// Decodes the first frame of `bytes` and sets `size` to its length in bytes. Returns no value if
/// the frame is incomplete.
std::optional<ws_frame> decode(std::string_view bytes, std::size_t& size);

} // namespace test
