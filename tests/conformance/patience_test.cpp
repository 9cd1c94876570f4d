// Clients that start and do not finish: RFC 9112 section 9.5 leaves the time to the server, which
// is 10 s for a request, however its bytes come. All wait at once.
#include "tests/conformance/http_case.hpp"
#include "tests/conformance/stage.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("patience");

namespace {

struct staller {
  std::string what, begins, drips;
  std::vector<int> statuses = {};
};

const std::vector<staller> stallers{
    {"silence", "", ""},
    {"half a request line", "GET /hea", ""},
    {"a request line by the letter", "GET /", "a"},
    {"a head that never ends", "GET /health HTTP/1.1\r\nHost: hub\r\n", "X: y\r\n"},
    {"a head without its last line", get("/health").substr(0, get("/health").size() - 2), ""},
    {"a body that does not come", get("/health", "Content-Length: 5\r\n") + "hell", ""},
    {"a body by the letter", get("/health", "Content-Length: 10000\r\n"), "x"},
    {"half a handshake", "GET /ws HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n", ""},
    {"who asks, and then says no more", probe, "", {200}},
    {"who asks, and then half again", probe + "GET /", "x", {200}},
};

} // namespace

TEST_CASE("who does not finish is sent away, little by little or not") {
  const deadline end = patience;
  std::vector<connection> lines;
  for (auto& each : stallers)
    lines.emplace_back(the_hub().port()).send(each.begins);
  std::vector<std::string> said(lines.size());
  std::vector<bool> over(lines.size());
  for (std::size_t left = lines.size(); left > 0;) {
    REQUIRE_FALSE(end.passed());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      while (!over[i] && lines[i].readable(10ms))
        if (!lines[i].read_some(said[i])) {
          over[i] = true;
          --left;
        }
      if (!over[i])
        lines[i].send(stallers[i].drips);
    }
    check_peace();
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(stallers[i].what);
    CHECK(statuses(judge(said[i])) == stallers[i].statuses);
  }
}

TEST_CASE("who sends no more is answered, and who has gone disturbs nobody") {
  play({
      {"9112 9.6", "a request, and no more", get("/health"), {200}},
      {"9112 8", "half a request, and no more", "GET /health HTTP/1.1\r\nHo", {400}},
      {"9112 9.6", "nothing, and no more", "", {}},
  });
  for (int i = 0; i < 100; ++i) {
    connection gone{the_hub().port()};
    gone.send(i % 2 ? probe : probe.substr(0, 20));
    gone.reset();
  }
  check_peace();
}

TEST_SUITE_END();
