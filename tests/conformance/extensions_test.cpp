// RFC 6455, section 9, and RFC 7692: extensions that clients offer. None is agreed to, and what
// would be compressed without that is a reserved bit (see the framing).
#include "tests/conformance/http_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("extensions");

namespace {

struct offer {
  const char* section;
  std::string offered; ///< The value of Sec-WebSocket-Extensions.
  std::string agreed;  ///< The answer's, empty for none.
};

void play(const std::vector<offer>& offers) {
  for (auto& [section, offered, agreed] : offers) {
    CAPTURE(std::string{section});
    CAPTURE(offered);
    const auto all =
        ask(get("/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                       "Sec-WebSocket-Extensions: " +
                           offered + "\r\n"));
    REQUIRE(all.answers.size() == 1);
    CHECK(all.answers[0].status == 101);
    CHECK(all.answers[0].field("Sec-WebSocket-Extensions") == agreed);
  }
}

} // namespace

TEST_CASE("compression is offered in vain") {
  play(std::vector<offer>{
      {"7692 5", "permessage-deflate", ""},
      {"7692 7.1", "permessage-deflate; client_max_window_bits", ""},
      {"7692 7.1", "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
       ""},
      {"7692 7.1", "permessage-deflate; server_max_window_bits=8", ""},
      {"7692 5.1", "permessage-deflate; client_max_window_bits=10, permessage-deflate", ""},
      {"7692 7.1", "permessage-deflate; server_max_window_bits=99", ""},
      {"7692 7.1", "permessage-deflate; unknown=1", ""},
  });
}

TEST_CASE("what nobody knows is read over") {
  // Section 9.1 would have a server fail on what is no list at all; the hub reads none of it.
  play(std::vector<offer>{
      {"9.1", "x-webkit-deflate-frame", ""},
      {"9.1", "a; b=c; d=\"e\", f", ""},
      {"9.1", "", ""},
      {"9.1", ";;=,", ""},
      {"9.1", std::string(4000, 'x'), ""},
  });
}

TEST_SUITE_END();
