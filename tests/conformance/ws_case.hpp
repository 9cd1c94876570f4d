// One case of RFC 6455: bytes behind a handshake, and all that must come back.
#pragma once

#include "tests/support/transcript.hpp"

#include <vector>

namespace test {

/// Unless it says otherwise, a case leaves the connection well, and it ends with our close.
struct ws_case {
  const char* section; ///< Of RFC 6455, or another that is named.
  std::string what;
  std::string sent;
  std::vector<std::string> heard = {}; ///< Texts of messages, and of errors `!` and the code.
  std::vector<std::string> pongs = {};
  std::uint16_t close = 1000;
};

/// Plays each case three times: behind the handshake in one write, byte by byte, and in two parts
/// that are cut where it hurts, in the last frame's header or text. Everything the hub says is
/// judged; doctest hears what is not as it should be.
void play(const std::vector<ws_case>& cases);

// -- words of the cases ---------------------------------------------------------------------------

inline constexpr auto hello = R"({"type":"message","text":"hello"})";

/// A message as JSON whose text is as given, and which is filled up with spaces to so many bytes.
std::string saying(const std::string& text, std::size_t bytes = 0);

std::string text(const std::string& payload, bool final = true);
std::string more(const std::string& payload, bool final = true);
std::string ping(const std::string& payload = {});
std::string goodbye(std::uint16_t code, const std::string& reason = {});
std::string repeated(const std::string& part, std::size_t times);

/// A frame's first two bytes as given, and whatever is to follow them.
std::string raw(int first, int second, const std::string& rest = {});

/// A mask that leaves the payload as it is.
inline const std::string no_mask(4, '\0');

} // namespace test
