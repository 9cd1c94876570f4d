// The header that a server writes before a text frame (RFC 6455, section 5.2). Actors write it, so
// that a batch is framed once and not once per socket.
// Knows: framing. Must not know: the payloads.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// Appends the header of an unmasked, final text frame with `payload` bytes. A compressed frame has
/// the bit RSV1 set (RFC 7692, section 6).
inline void append_frame_header(std::string& out, std::size_t payload, bool compressed = false) {
  out += char(compressed ? 0xc1 : 0x81); // FIN, RSV1, text
  if (payload < 126) {
    out += char(payload);
    return;
  }
  const int bytes = payload < 65536 ? 2 : 8;
  out += char(bytes == 2 ? 126 : 127);
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out += char(std::uint64_t(payload) >> shift & 0xff);
}

inline void append_frame(std::string& out, std::string_view payload) {
  append_frame_header(out, payload.size());
  out += payload;
}

} // namespace hubbub
