// All that a server said on one connection, judged: heads and bodies of HTTP, and after a 101 the
// frames of RFC 6455. Strict, unlike a client that has something else to do.
// Knows the protocols' rules for servers, and the hub's types of events; nothing of who asked what.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/ws_frame.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct transcript {
  std::vector<response> answers; ///< The last one may be the 101.
  std::vector<nlohmann::json> events;
  std::vector<std::string> pongs;
  std::optional<std::uint16_t> close; ///< The code; 1005 for a close frame without one.
  std::string reason;

  /// Of an answer or a frame that is not whole yet.
  std::size_t unfinished = 0;
};

/// Reads as far as the bytes go. Throws `std::runtime_error` with the rule that they break.
/// With `heads` some of them may answer a HEAD: where no body follows, none is missed.
transcript judge(std::string_view bytes, bool heads = false);

} // namespace test
