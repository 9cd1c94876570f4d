// Encodes and decodes the base framing of RFC 6455 section 5.2.
#include "tests/support/ws_frame.hpp"

namespace test {

namespace {

void append_number(std::string& to, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    to += static_cast<char>(number >> shift);
}

void mask(std::string_view key, std::string& payload, std::size_t from = 0) {
  for (std::size_t i = from; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ key[(i - from) % 4]);
}

} // namespace

std::string encode(const ws_frame& frame, std::optional<std::uint64_t> declared) {
  constexpr std::string_view key = "\x37\xfa\x21\x3d";
  auto size = declared.value_or(frame.payload.size());
  std::string bytes;
  bytes += static_cast<char>((frame.final ? 0x80 : 0) | (frame.reserved << 4) |
                             static_cast<int>(frame.code));
  auto short_size = size < 126 ? size : size <= 0xFFFF ? 126 : 127;
  bytes += static_cast<char>((frame.masked ? 0x80 : 0) | static_cast<int>(short_size));
  if (short_size == 126)
    append_number(bytes, size, 2);
  if (short_size == 127)
    append_number(bytes, size, 8);
  if (frame.masked)
    bytes += key;
  auto begin = bytes.size();
  bytes += frame.payload;
  if (frame.masked)
    mask(key, bytes, begin);
  return bytes;
}

std::optional<ws_frame> decode(std::string_view bytes, std::size_t& size) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 2)
    return {};
  ws_frame frame{static_cast<opcode>(byte(0) & 0xF),
                 {},
                 (byte(0) & 0x80) != 0,
                 static_cast<std::uint8_t>((byte(0) >> 4) & 7),
                 (byte(1) & 0x80) != 0};
  std::uint64_t length = byte(1) & 0x7F;
  std::size_t at = 2, wide = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < at + wide + (frame.masked ? 4 : 0))
    return {};
  if (wide != 0)
    length = 0;
  for (auto end = at + wide; at < end; ++at)
    length = length << 8 | byte(at);
  auto key = bytes.substr(at, frame.masked ? 4 : 0);
  at += key.size();
  if (bytes.size() - at < length)
    return {};
  frame.payload = bytes.substr(at, length);
  if (frame.masked)
    mask(key, frame.payload);
  size = at + length;
  return frame;
}

} // namespace test
