// One case of HTTP: bytes on a connection, and the status of every answer.
#pragma once

#include "tests/support/transcript.hpp"

#include <vector>

namespace test {

struct http_case {
  const char* section; ///< Of an RFC, such as "9112 6.1".
  std::string what;
  std::string sent;
  std::vector<int> statuses; ///< Empty: the connection is closed without a word.
};

/// Plays each case in one write and byte by byte, then sends no more and reads to the end, which
/// has to come at once. Everything the hub says is judged; doctest hears what is not as it should
/// be.
void play(const std::vector<http_case>& cases);

/// Sends no more after that, but for a WebSocket, which gets a close. Reads to the end.
transcript ask(const std::string& bytes, bool bytewise = false);

std::vector<int> statuses(const transcript& all);

// -- words of the cases ---------------------------------------------------------------------------

/// A request of a target, with these lines of head beside `Host: hub`.
std::string get(const std::string& target, const std::string& lines = {});

/// `GET /ws-info`: a second request, that must not be heard where the first one's end is in doubt.
inline const std::string probe = "GET /ws-info HTTP/1.1\r\nHost: hub\r\n\r\n";

} // namespace test
