// RFC 9457: an error is an object of JSON with the members of its section 3.1, and the hub's own
// member `code`. `judge` checks this of every error of every case; here are the codes.
#include "tests/conformance/http_case.hpp"
#include "tests/conformance/shared_hub.hpp"
#include "tests/support/problem.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("problem");

namespace {

struct error_case {
  std::string sent, code;
};

const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n",
                  version = "Sec-WebSocket-Version: 13\r\n",
                  key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

} // namespace

TEST_CASE("an error has the code of its cause") {
  for (const auto& [sent, code] : std::vector<error_case>{
           {"NONSENSE\r\n\r\n", "bad_request"},
           {get("/health", "Host: another\r\n"), "bad_request"},
           {get("/<health>"), "bad_request"},
           {get("/ws", upgrade + version), "bad_request"},
           {get("/ws?room=a%20b", upgrade + version + key), "bad_room"},
           {get("/ws?after=x", upgrade + version + key), "bad_cursor"},
           {get("/events?room=a%20b"), "bad_room"},
           {get("/events?room=a&room=a"), "bad_query"},
           {get("/events", "Last-Event-ID: 7\r\n"), "bad_cursor"},
           {get("/events", "Origin: http://elsewhere.example\r\n"), "foreign_origin"},
           {"GET /events HTTP/1.0\r\nHost: hub\r\n\r\n", "http_version"},
           {"POST /events HTTP/1.1\r\nHost: hub\r\n\r\n", "method_not_allowed"},
           {get("/messages?room=a%20b"), "bad_room"},
           {get("/messages?limit=0"), "bad_query"},
           {get("/ws-info?connections=2"), "bad_query"},
           {get("/ws", "Origin: http://elsewhere.example\r\n" + upgrade + version + key),
            "foreign_origin"},
           {get("/nothing"), "not_found"},
           {get("/nothing", upgrade + version + key), "not_found"},
           {get("/static/nothing.js"), "not_found"},
           {"DELETE /health HTTP/1.1\r\nHost: hub\r\n\r\n", "method_not_allowed"},
           {"OPTIONS /messages HTTP/1.1\r\nHost: hub\r\nOrigin: http://elsewhere.example\r\n"
            "Access-Control-Request-Method: GET\r\n\r\n",
            "method_not_allowed"},
           {get("/health", "Transfer-Encoding: chunked\r\n"), "length_required"},
           {get("/health", "Content-Length: 100000\r\n"), "too_large"},
           {get("/ws"), "upgrade_required"},
           {get("/ws", upgrade + key + "Sec-WebSocket-Version: 12\r\n"), "upgrade_required"},
           {get('/' + std::string(33'000, 'a')), "head_too_large"},
       }) {
    CAPTURE(sent.substr(0, 200));
    const auto all = ask(sent);
    REQUIRE(all.answers.size() == 1);
    CHECK(problem_of(all.answers[0])["code"] == code);
  }
  check_unaffected();
}

TEST_CASE("an error that answers HEAD has the type and the length of a problem, and no body") {
  connection peer{shared_hub().port()};
  peer.send("HEAD /nothing HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
  const auto all = judge(peer.read_until_closed(), true);
  REQUIRE(all.answers.size() == 1);
  CHECK(all.answers[0].status == 404);
  CHECK(all.answers[0].field("Content-Type") == "application/problem+json");
  CHECK(std::stoi(all.answers[0].field("Content-Length")) > 0);
  CHECK(all.answers[0].body.empty());
}

TEST_CASE("HEAD is refused where GET opens an event stream") {
  connection peer{shared_hub().port()};
  peer.send("HEAD /events HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
  const auto all = judge(peer.read_until_closed(), true);
  REQUIRE(all.answers.size() == 1);
  CHECK(all.answers[0].status == 405);
  CHECK(all.answers[0].field("Allow") == "GET");
}

TEST_SUITE_END();
