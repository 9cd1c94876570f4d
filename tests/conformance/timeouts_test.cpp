// Clients that begin a request and do not finish it. RFC 9112, section 9.5, leaves the timeout to
// the server: it is 10 s for a request, however its bytes come. All clients of this test wait at
// once.
#include "tests/conformance/http_case.hpp"
#include "tests/conformance/shared_hub.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("timeouts");

namespace {

struct staller {
  std::string what, begins, continues;
  std::vector<int> statuses = {};
};

const std::vector<staller> stallers{
    {"silence", "", ""},
    {"half a request line", "GET /hea", ""},
    {"a request line byte by byte", "GET /", "a"},
    {"a head that never ends", "GET /health HTTP/1.1\r\nHost: hub\r\n", "X: y\r\n"},
    {"a head without its last line", get("/health").substr(0, get("/health").size() - 2), ""},
    {"a body that does not come", get("/health", "Content-Length: 5\r\n") + "hell", ""},
    {"a body byte by byte", get("/health", "Content-Length: 10000\r\n"), "x"},
    {"half a handshake", "GET /ws HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n", ""},
    {"a request, and then nothing", probe, "", {200}},
    {"a request, and then half of another", probe + "GET /", "x", {200}},
};

} // namespace

TEST_CASE("a client that does not finish its request is disconnected, even if bytes keep coming") {
  const deadline end = patience;
  std::vector<connection> peers;
  for (auto& each : stallers)
    peers.emplace_back(shared_hub().port()).send(each.begins);
  std::vector<std::string> said(peers.size());
  std::vector<bool> ended(peers.size());
  for (std::size_t left = peers.size(); left > 0;) {
    REQUIRE_FALSE(end.passed());
    for (std::size_t i = 0; i < peers.size(); ++i) {
      while (!ended[i] && peers[i].readable(10ms))
        if (!peers[i].read_some(said[i])) {
          ended[i] = true;
          --left;
        }
      if (!ended[i])
        peers[i].send(stallers[i].continues);
    }
    check_unaffected();
  }
  for (std::size_t i = 0; i < peers.size(); ++i) {
    CAPTURE(stallers[i].what);
    CHECK(statuses(judge(said[i])) == stallers[i].statuses);
  }
}

TEST_CASE("a client that ends its stream is answered, and one that has gone affects no other") {
  play({
      {"9112 9.6", "a request, and no more", get("/health"), {200}},
      {"9112 8", "half a request, and no more", "GET /health HTTP/1.1\r\nHo", {400}},
      {"9112 9.6", "nothing, and no more", "", {}},
  });
  for (int i = 0; i < 100; ++i) {
    connection gone{shared_hub().port()};
    gone.send(i % 2 ? probe : probe.substr(0, 20));
    gone.reset();
  }
  check_unaffected();
}

TEST_SUITE_END();
