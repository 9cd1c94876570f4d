// HTTP test cases: the bytes to send, and the status of every answer.
// Knows: HTTP. Must not know: what the hub does.
#pragma once

#include "tests/support/transcript.hpp"

#include <vector>

namespace test {

struct http_case {
  const char* section; ///< The RFC and its section, such as "9112 6.1".
  std::string what;
  std::string sent;
  std::vector<int> statuses; ///< Empty: the connection is closed without an answer.
};

/// Sends each case in one write and then byte by byte, ends the stream, and reads to the end, which
/// must come promptly. Checks everything that the hub sends, with doctest.
void play(const std::vector<http_case>& cases);

/// Sends the bytes, then a close frame on a WebSocket or the end of the stream otherwise, and reads
/// to the end.
transcript ask(const std::string& bytes, bool bytewise = false);

std::vector<int> statuses(const transcript& all);

// -- requests for the cases -----------------------------------------------------------------------

/// A GET request for a target, with these header lines after `Host: hub`.
std::string get(const std::string& target, const std::string& lines = {});

/// `GET /ws-info`: a second request, which must not be answered where the end of the first one is
/// in doubt.
inline const std::string probe = "GET /ws-info HTTP/1.1\r\nHost: hub\r\n\r\n";

} // namespace test
