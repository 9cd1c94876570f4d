// The header that a server puts before a text frame (RFC 6455, section 5.2), so that a batch can be
// finished bytes before any socket sees it.
// Knows: framing. Must not know: what is framed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// Appends the header of an unmasked, final text frame of this many bytes; of a compressed one, as
/// RFC 7692 says in section 6.
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
