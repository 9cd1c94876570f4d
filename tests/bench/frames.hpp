// Encodes and decodes WebSocket frames (RFC 6455 section 5.2), for client and server.
// Knows: headers and masks. Must not know: sockets or JSON.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bench {

enum class opcode : std::uint8_t { continuation, text, binary, close = 8, ping, pong };

struct frame {
  bool final;
  bool deflated; ///< RSV1 (RFC 7692).
  bool reserved; ///< RSV2 or RSV3, which nothing here uses.
  opcode code;
  std::string_view payload;
  std::size_t size; ///< The size of header and payload, in bytes.
};

/// Masks or unmasks bytes in place: XOR with the key (section 5.3).
inline void mask(char* bytes, std::size_t size, std::uint32_t key) {
  const std::uint64_t wide = std::uint64_t{key} << 32 | key;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    word ^= wide;
    std::memcpy(bytes + i, &word, 8);
  }
  for (; i < size; ++i)
    bytes[i] ^= static_cast<char>(wide >> (i % 4 * 8));
}

/// The frame at the start of the bytes, unmasked in place; none while it is incomplete.
inline std::optional<frame> take_frame(std::span<char> bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 2)
    return {};
  std::uint64_t length = at(1) & 0x7f;
  const bool masked = (at(1) & 0x80) != 0;
  const std::size_t wide = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t head = 2 + wide + (masked ? 4 : 0);
  if (bytes.size() < head)
    return {};
  if (wide != 0)
    length = 0;
  for (std::size_t i = 0; i < wide; ++i)
    length = length << 8 | at(2 + i);
  if (bytes.size() - head < length)
    return {};
  if (masked) {
    std::uint32_t key;
    std::memcpy(&key, bytes.data() + head - 4, 4);
    mask(bytes.data() + head, length, key);
  }
  return frame{(at(0) & 0x80) != 0,           (at(0) & 0x40) != 0,
               (at(0) & 0x30) != 0,           static_cast<opcode>(at(0) & 0x0f),
               {bytes.data() + head, length}, head + length};
}

/// Appends one final frame. A client must give a key, with which the frame is masked.
inline void put_frame(std::string& out, opcode code, std::string_view payload,
                      std::optional<std::uint32_t> key = {}) {
  const std::uint64_t length = payload.size();
  const int wide = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const auto marker = wide == 0 ? length : wide == 2 ? 126 : 127;
  out += static_cast<char>(0x80 | static_cast<int>(code));
  out += static_cast<char>(marker | (key ? 0x80 : 0));
  for (int shift = (wide - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(length >> shift);
  if (key)
    out.append(reinterpret_cast<const char*>(&*key), 4);
  const auto start = out.size();
  out += payload;
  if (key)
    mask(out.data() + start, payload.size(), *key);
}

/// The sample key of section 1.3 and the answer to it. The generator always sends this key, so that
/// the bare loop needs no SHA-1.
inline constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

} // namespace bench
