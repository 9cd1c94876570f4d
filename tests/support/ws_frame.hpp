// One WebSocket frame (RFC 6455 section 5.2), to bytes and back. Knows nothing of messages,
// handshakes or sockets; lets a test set every bit.
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
  bool masked = true;        ///< A client masks (section 5.1); a server must not.
};

/// The bytes of a frame; a `declared` size that differs from the payload's makes a liar.
std::string encode(const ws_frame& frame, std::optional<std::uint64_t> declared = {});

/// Takes the first whole frame of `bytes` and says how many bytes it had; none if it is not whole.
std::optional<ws_frame> decode(std::string_view bytes, std::size_t& size);

} // namespace test
