// RFC 6455, section 9, and RFC 7692: extensions that clients offer. With the default settings the
// hub accepts none, and so a compressed frame has a reserved bit set (see framing_test.cpp).
#include "tests/conformance/http_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("extensions");

namespace {

struct offer {
  const char* section;
  std::string offered; ///< The value of Sec-WebSocket-Extensions.
  std::string agreed;  ///< The value in the answer, empty for none.
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

TEST_CASE("compression is not accepted") {
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

TEST_CASE("unknown extensions are ignored") {
  // By section 9.1 a server should fail the connection if the value is no list. The hub does not
  // parse the value.
  play(std::vector<offer>{
      {"9.1", "x-webkit-deflate-frame", ""},
      {"9.1", "a; b=c; d=\"e\", f", ""},
      {"9.1", "", ""},
      {"9.1", ";;=,", ""},
      {"9.1", std::string(4000, 'x'), ""},
  });
}

TEST_SUITE_END();
