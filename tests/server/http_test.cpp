// HTTP beside the WebSocket: refused requests, the handshake, and clients that waste the hub's
// time.
#include "tests/support/measurements.hpp"
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;
using namespace std::string_literals;

TEST_SUITE_BEGIN("http");

namespace {

/// The response to bytes that need not be a valid request.
response answer_to(const hub& where, const std::string& bytes) {
  connection client{where.port()};
  client.send(bytes);
  std::string answer;
  return receive(client, answer);
}

const headers upgrade{{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Version", "13"}};

} // namespace

TEST_CASE("an unknown path is answered 404") {
  sqlite db;
  hub hub{db};
  for (auto path : {"/nothing", "/healthy", "/ws/", "/index.html", "//", "/%00", "/nothing?/"}) {
    CAPTURE(path);
    auto answer = fetch(hub.port(), path);
    CHECK(answer.status == 404);
    CHECK(problem_of(answer) == json{{"type", "about:blank"},
                                     {"title", "Not Found"},
                                     {"status", 404},
                                     {"code", "not_found"},
                                     {"detail", "Not Found"}});
  }
  CHECK(fetch(hub.port(), "/?").status == 200); // a query does not change the path
}

TEST_CASE("a wrong method is answered 405 with Allow") {
  sqlite db;
  hub hub{db};
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"POST", "/"},         {"PUT", "/health"},     {"DELETE", "/static/app.js"},
      {"PATCH", "/ws-info"}, {"OPTIONS", "/health"}, {"BREW", "/"}};
  for (auto& [method, path] : wrong) {
    CAPTURE(method);
    auto answer = fetch(hub.port(), request{method, path});
    CHECK(answer.status == 405);
    CHECK(answer.field("Allow") == "GET, HEAD");
    CHECK(problem_of(answer)["code"] == "method_not_allowed");
  }
}

TEST_CASE("every response has the security fields for browsers") {
  sqlite db;
  hub hub{db};
  for (auto path : {"/", "/static/app.js", "/health", "/ws-info", "/nothing"}) {
    auto answer = fetch(hub.port(), path);
    CAPTURE(path);
    CHECK(answer.field("X-Content-Type-Options") == "nosniff");
    CHECK(answer.has("Content-Security-Policy"));
    CHECK(answer.has("Referrer-Policy"));
  }
}

TEST_CASE("documents and workers of the page get the whole policy, and modules a short one") {
  sqlite db;
  hub hub{db};
  const auto policy_of = [&](const char* path) {
    return fetch(hub.port(), path).field("Content-Security-Policy");
  };
  const auto whole = policy_of("/");
  CHECK(whole.find("frame-ancestors 'none'") != whole.npos);
  CHECK(policy_of("/static/sw.js") == whole);
  CHECK(policy_of("/static/icon.svg") == whole);
  CHECK(policy_of("/static/app.js") == "default-src 'none'");
  CHECK(policy_of("/static/hubbub.js") == "default-src 'none'");
  CHECK(policy_of("/static/style.css") == "default-src 'none'");
}

TEST_CASE("HEAD is GET without the body") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}; // once she is in, the log is open and /health does not change
  for (auto path : {"/", "/health", "/nothing"}) {
    auto get = fetch(hub.port(), path);
    auto head = fetch(hub.port(), request{"HEAD", path});
    CAPTURE(path);
    CHECK(head.status == get.status);
    CHECK(head.body.empty());
    CHECK(head.field("Content-Length") == std::to_string(get.body.size()));
    CHECK(head.field("Content-Type") == get.field("Content-Type"));
  }
}

TEST_CASE("requests on one connection are answered in order") {
  sqlite db;
  hub hub{db};
  connection client{hub.port()};
  client.send(encode({"GET", "/health"}, hub.port()) + encode({"HEAD", "/nothing"}, hub.port()) +
              encode({"GET", "/ws-info", {{"Connection", "close"}}}, hub.port()));
  std::string bytes;
  CHECK(receive(client, bytes).json()["service"] == "websocket-chat");
  bytes += client.read_until_closed();
  CHECK(take_head(bytes).status == 404);
  CHECK(take_head(bytes).status == 200);
  CHECK(json::parse(bytes)["status"] == "running");
}

TEST_CASE("bytes that are not HTTP are answered 400") {
  sqlite db;
  hub hub{db};
  for (const auto& bytes :
       {"NONSENSE\r\n\r\n"s, "GET /\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n"s,
        "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 a TLS hello\r\n"s}) {
    const auto answer = answer_to(hub, bytes);
    CHECK(answer.status == 400);
    CHECK(problem_of(answer)["code"] == "bad_request");
  }
}

TEST_CASE("a header that is too large is answered 431, a body that is too large 413") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}; // once she is in, the log is open and /health does not change
  auto header = fetch(hub.port(), {"GET", "/", {{"X-Large", std::string(65536, 'x')}}});
  CHECK(header.status == 431);
  CHECK(problem_of(header)["code"] == "head_too_large");
  auto body = answer_to(hub, encode({"POST", "/", {{"Content-Length", "100000000"}}}, hub.port()));
  CHECK(body.status == 413);
  CHECK(problem_of(body)["code"] == "too_large");
  CHECK(fetch(hub.port(), "/health").status == 200);
}

TEST_CASE("/ws without an upgrade is answered 426") {
  sqlite db;
  hub hub{db};
  auto answer = fetch(hub.port(), "/ws");
  CHECK(answer.status == 426);
  CHECK(problem_of(answer)["code"] == "upgrade_required");
  CHECK(answer.field("Upgrade") == "websocket");
  CHECK(answer.field("Connection").find("pgrade") != std::string::npos);
}

TEST_CASE("an invalid handshake is refused") {
  sqlite db;
  hub hub{db};
  auto status = [&](headers fields, const std::string& method = "GET") {
    auto answer = answer_to(hub, encode({method, "/ws", fields}, hub.port()));
    CHECK(problem_of(answer)["detail"] != "");
    return answer.status;
  };
  auto old = upgrade, keyless = upgrade;
  old[3].second = "8";
  keyless.erase(keyless.begin() + 2);
  CHECK(status(old) / 100 == 4);
  CHECK(status(keyless) / 100 == 4);
  CHECK(status(upgrade, "POST") / 100 == 4);
}

TEST_CASE("an offer of compression is declined and does no harm") {
  sqlite db;
  hub hub{db};
  ws_client client{hub.port(), "/ws", {{"Sec-WebSocket-Extensions", "permessage-deflate"}}};
  CHECK(client.next()["type"] == "init");
}

TEST_CASE("an idle connection is kept for KEEPALIVE_TIMEOUT seconds") {
  sqlite db;
  hub hub{db, {{"KEEPALIVE_TIMEOUT", "2"}}};
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
  connection idle{hub.port()}, busy{hub.port()};
  std::string bytes, rest;
  for (auto* each : {&idle, &busy}) {
    each->send(encode(request{"GET", "/health"}, hub.port()));
    CHECK(receive(*each, bytes).status == 200);
  }
  const auto began = deadline::clock::now();
  while (!idle.readable(100ms)) {
    busy.send(encode(request{"GET", "/health"}, hub.port()));
    CHECK(receive(busy, bytes).status == 200);
  }
  CHECK_FALSE(idle.read_some(rest));
  CHECK(rest == "");
  CHECK(deadline::clock::now() - began > 1s);
  busy.send(encode(request{"GET", "/health"}, hub.port()));
  CHECK(receive(busy, bytes).status == 200);
}

TEST_CASE("by default a connection that was used is kept longer than a new one") {
  sqlite db;
  hub hub{db};
  connection used{hub.port()};
  std::string bytes, rest;
  used.send(encode(request{"GET", "/ws-info"}, hub.port()));
  CHECK(receive(used, bytes).status == 200);
  connection silent{hub.port()};
  CHECK_FALSE(silent.read_some(rest)); // the hub closes it after ten seconds
  CHECK_FALSE(used.readable(1s));
  used.send(encode(request{"GET", "/ws-info"}, hub.port()));
  CHECK(receive(used, bytes).status == 200);
}

TEST_CASE("a thousand idle connections disturb no client and are closed") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  const auto time_to_serve = [&] {
    const auto began = deadline::clock::now();
    alice.say("nobody minds");
    CHECK(bob.hears()["text"] == "nobody minds");
    CHECK(visitor{hub}.init["type"] == "init");
    eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
    return deadline::clock::now() - began;
  };
  const auto calm = time_to_serve();
  std::vector<connection> idlers;
  for (int i = 0; i < 1000; ++i)
    idlers.emplace_back(hub.port()).send(i % 2 == 0 ? "" : "GET /health HTTP/1.1\r\nHost: ");
  connection dribbler{hub.port()};
  dribbler.send("GET /health HTTP/1.1\r\n");

  // A client that had to wait for the end of the idle connections would wait ten seconds.
  const auto took = time_to_serve();
  record_measurement("service beside 1000 idle connections", 3s, took);
  CHECK(took < std::max<deadline::clock::duration>(8s, 100 * calm));

  const deadline end = patience;
  while (!dribbler.readable(500ms)) {
    REQUIRE_FALSE(end.passed());
    dribbler.send("X: y\r\n"); // a slow request does not extend the timeout
  }
  for (auto& idler : idlers)
    idler.read_until_closed();
  alice.say("still here");
  CHECK(bob.hears()["text"] == "still here");
}

TEST_SUITE_END();
