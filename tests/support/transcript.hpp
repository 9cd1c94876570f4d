// Parses and checks everything that a server sent on one connection: HTTP heads and bodies, and the
// frames of RFC 6455 after a 101. Knows the protocols' rules for servers and the types of the hub's
// events. Must not know the requests.
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
  std::optional<std::uint16_t> close; ///< The code of the close frame, 1005 if it has none.
  std::string reason;

  /// The number of bytes of the last response or frame if it is incomplete.
  std::size_t unfinished = 0;
};

/// Parses all complete responses and frames. Throws `std::runtime_error` with the rule that the
/// bytes break. With `heads`, some responses may answer a HEAD, so a body may be missing.
transcript judge(std::string_view bytes, bool heads = false);

} // namespace test
