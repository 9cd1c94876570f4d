// The payloads that all protocols have in common: the text of a message, and how it is found again.
// Knows: marks in payloads. Must not know: which server it is.
#pragma once

#include "protocol.hpp"

#include <charconv>
#include <cstring>

namespace bench {

inline constexpr std::size_t sequence_digits = 10;

/// The beginning of a frame that subscribes to a room.
inline const std::string subscribe_mark = R"({"type":"subscribe","room":")";

/// Finds a mark in payloads. Consecutive payloads look alike, so it first looks at the position of
/// the last match, and searches only if the mark is not there.
class landmark {
public:
  explicit landmark(std::string_view mark) : mark_(mark) {}

  /// The index just behind the mark, or npos.
  std::size_t behind(std::string_view payload) {
    if (payload.size() < last_ + mark_.size() ||
        std::memcmp(payload.data() + last_, mark_.data(), mark_.size()) != 0) {
      const auto found = payload.find(mark_);
      if (found == payload.npos)
        return payload.npos;
      last_ = found;
    }
    return last_ + mark_.size();
  }

private:
  std::string_view mark_;
  std::size_t last_ = 0;
};

/// The number at the index; 0 if there is none.
inline std::uint64_t number(std::string_view payload, std::size_t at) {
  std::uint64_t value = 0;
  if (at < payload.size())
    std::from_chars(payload.data() + at, payload.data() + payload.size(), value);
  return value;
}

/// A text of 150 characters.
inline std::string text(std::uint64_t sequence) {
  // Natural words, because some servers compress.
  std::string all =
      "~0123456789 The ferry leaves at seven and Anna has the tickets, so bring a coat, "
      "both small bags, and what is left of the bread that we had on Sunday.";
  for (auto i = sequence_digits; i > 0; --i, sequence /= 10)
    all[i] = static_cast<char>('0' + sequence % 10);
  return all;
}

/// The event that hubbub makes of such a text, identical in size. The other servers are sent this,
/// so that all servers deliver equally many bytes; hubbub is sent the text alone.
inline std::string event(std::uint64_t sequence, std::size_t room) {
  return R"({"type":"message","id":10000,"room":")" + std::to_string(room) + R"(","text":")" +
         text(sequence) +
         R"(","connection_id":"8c2f6f0e-51d3-4b7a-9e64-d0b3a1c75f28","user_message_number":10,)" +
         R"("created_at":"2026-01-31T09:30:00.123456+00:00"})";
}

/// Finds the sequence number of a text anywhere in the payload.
class sequence_finder {
public:
  received read(std::string_view payload) {
    const auto at = tilde_.behind(payload);
    if (at == payload.npos || payload.size() - at < sequence_digits)
      return {received::other};
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sequence_digits; ++i)
      value = value * 10 + static_cast<std::uint64_t>(payload[at + i] - '0');
    return {received::message, value};
  }

private:
  landmark tilde_{"~"};
};

} // namespace bench
