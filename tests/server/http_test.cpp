// The HTTP around the WebSocket: what is refused and how, the handshake, and clients that waste
// the server's time.
#include "tests/support/figures.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;
using namespace std::string_literals;

TEST_SUITE_BEGIN("http");

namespace {

/// The answer to bytes that may be no request at all.
response answer_to(const hub& where, const std::string& bytes) {
  connection line{where.port()};
  line.send(bytes);
  std::string answer;
  return receive(line, answer);
}

const headers upgrade{{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Version", "13"}};

int status_of_open(const hub& where, const headers& fields, const std::string& target = "/ws") {
  try {
    ws_client{where.port(), target, fields};
    return 101;
  } catch (const refused& no) {
    return no.answer.status;
  }
}

} // namespace

TEST_CASE("an unknown path is 404, in JSON") {
  sqlite db;
  hub hub{db};
  for (auto path : {"/nothing", "/healthy", "/ws/", "/index.html", "//", "/%00", "/nothing?/"}) {
    CAPTURE(path);
    auto answer = fetch(hub.port(), path);
    CHECK(answer.status == 404);
    CHECK(answer.field("Content-Type").starts_with("application/json"));
    CHECK(answer.json().is_object());
  }
  CHECK(fetch(hub.port(), "/?").status == 200); // a query does not change the path
}

TEST_CASE("a wrong method is 405 with Allow, in JSON") {
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
    CHECK(answer.field("Content-Type").starts_with("application/json"));
    CHECK(answer.json().is_object());
  }
}

TEST_CASE("every answer tells the browser to be careful") {
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

TEST_CASE("HEAD is GET without the body") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}; // so that the log is open, and health does not change
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

TEST_CASE("requests on one connection are answered in turn") {
  sqlite db;
  hub hub{db};
  connection line{hub.port()};
  line.send(encode({"GET", "/health"}, hub.port()) + encode({"HEAD", "/nothing"}, hub.port()) +
            encode({"GET", "/ws-info", {{"Connection", "close"}}}, hub.port()));
  std::string bytes;
  CHECK(receive(line, bytes).json()["service"] == "websocket-chat");
  bytes += line.read_until_closed();
  CHECK(take_head(bytes).status == 404);
  CHECK(take_head(bytes).status == 200);
  CHECK(json::parse(bytes)["status"] == "running");
}

TEST_CASE("what is no HTTP is 400") {
  sqlite db;
  hub hub{db};
  CHECK(answer_to(hub, "NONSENSE\r\n\r\n").status == 400);
  CHECK(answer_to(hub, "GET /\r\n\r\n").status == 400);
  CHECK(answer_to(hub, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n").status == 400);
  CHECK(answer_to(hub, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n").status == 400);
  CHECK(answer_to(hub, "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 a TLS hello\r\n"s).status ==
        400);
}

TEST_CASE("too large a header is 431, too large a body 413") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}; // so that the log is open, and health does not change
  auto header = fetch(hub.port(), {"GET", "/", {{"X-Large", std::string(65536, 'x')}}});
  CHECK(header.status == 431);
  auto body = answer_to(hub, encode({"POST", "/", {{"Content-Length", "100000000"}}}, hub.port()));
  CHECK(body.status == 413);
  CHECK(fetch(hub.port(), "/health").status == 200);
}

TEST_CASE("/ws without an upgrade is 426") {
  sqlite db;
  hub hub{db};
  auto answer = fetch(hub.port(), "/ws");
  CHECK(answer.status == 426);
  CHECK(answer.field("Upgrade") == "websocket");
  CHECK(answer.field("Connection").find("pgrade") != std::string::npos);
}

TEST_CASE("a handshake that is not one is refused") {
  sqlite db;
  hub hub{db};
  auto status = [&](headers fields, const std::string& method = "GET") {
    auto answer = answer_to(hub, encode({method, "/ws", fields}, hub.port()));
    return answer.status;
  };
  auto old = upgrade, keyless = upgrade;
  old[3].second = "8";
  keyless.erase(keyless.begin() + 2);
  CHECK(status(old) / 100 == 4);
  CHECK(status(keyless) / 100 == 4);
  CHECK(status(upgrade, "POST") / 100 == 4);
}

TEST_CASE("compression is not agreed to, and nobody suffers for offering it") {
  sqlite db;
  hub hub{db};
  CHECK(status_of_open(hub, {{"Sec-WebSocket-Extensions", "permessage-deflate"}}) == 101);
}

TEST_CASE("a page of another origin is turned away") {
  sqlite db;
  hub hub{db};
  auto port = std::to_string(hub.port());
  CHECK(status_of_open(hub, {}) == 101);
  CHECK(status_of_open(hub, {{"Origin", "http://127.0.0.1:" + port}}) == 101);
  CHECK(status_of_open(hub, {{"Origin", "http://evil.example"}}) == 403);
  CHECK(status_of_open(hub, {{"Origin", "http://127.0.0.1"}}) == 403);
  CHECK(status_of_open(hub, {{"Origin", "http://127.0.0.1:" + port + ".evil.example"}}) == 403);
  CHECK(status_of_open(hub, {{"Origin", "null"}}) == 403);
  CHECK(status_of_open(hub, {{"Host", "chat.example"}, {"Origin", "https://chat.example"}}) == 101);
}

TEST_CASE("an origin that was allowed passes") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example,http://other.example:8080"}}};
  CHECK(status_of_open(hub, {{"Origin", "https://chat.example"}}) == 101);
  CHECK(status_of_open(hub, {{"Origin", "http://other.example:8080"}}) == 101);
  CHECK(status_of_open(hub, {{"Origin", "http://chat.example"}}) == 403);
  CHECK(status_of_open(hub, {{"Origin", "https://chat.example.evil"}}) == 403);
  CHECK(status_of_open(hub, {{"Origin", "http://127.0.0.1:" + std::to_string(hub.port())}}) == 101);
}

TEST_CASE("an origin may be allowed in capitals, with its port, or with all below a domain") {
  sqlite db;
  hub hub{db,
          {{"ALLOWED_ORIGINS",
            "HTTPS://Chat.Example:443/ , https://*.Team.example,http://*.port.example:8080"}}};
  for (const auto* origin : {"https://chat.example", "https://a.team.example",
                             "https://a.b.team.example", "http://a.port.example:8080"}) {
    CAPTURE(origin);
    CHECK(status_of_open(hub, {{"Origin", origin}}) == 101);
  }
  for (const auto* origin :
       {"http://chat.example", "https://chat.example:8443", "https://team.example",
        "https://evilteam.example", "http://a.team.example", "https://a.team.example.evil",
        "https://a.team.example:444", "http://a.port.example", "null"}) {
    CAPTURE(origin);
    CHECK(status_of_open(hub, {{"Origin", origin}}) == 403);
  }
}

TEST_CASE("a page of an allowed origin may read what it needs, and no other page") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example,https://*.team.example"}}};
  const auto get = [&](const std::string& target, const std::string& origin) {
    return fetch(hub.port(), request{"GET", target, {{"Origin", origin}}});
  };
  for (auto target :
       {"/messages", "/messages?limit=0", "/health", "/", "/static/hubbub.js", "/static/nothing"}) {
    CAPTURE(target);
    for (auto origin : {"https://chat.example", "https://a.team.example"}) {
      const auto answer = get(target, origin);
      CHECK(answer.field("Access-Control-Allow-Origin") == origin);
      CHECK(answer.field("Vary").ends_with("Origin"));
    }
    for (const auto& answer : {get(target, "https://evil.example"), fetch(hub.port(), target)}) {
      CHECK_FALSE(answer.has("Access-Control-Allow-Origin"));
      CHECK(answer.field("Vary").ends_with("Origin"));
    }
  }
  for (auto target : {"/ws-info", "/metrics", "/nothing"}) {
    CAPTURE(target);
    CHECK_FALSE(get(target, "https://chat.example").has("Access-Control-Allow-Origin"));
  }
}

TEST_CASE("a browser that asks beforehand is told what a page may do") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example"}, {"JWT_SECRET", "secret"}}};
  const auto options = [&](const std::string& target, const std::string& origin) {
    return fetch(hub.port(), request{"OPTIONS",
                                     target,
                                     {{"Origin", origin},
                                      {"Access-Control-Request-Method", "GET"},
                                      {"Access-Control-Request-Headers", "authorization"}}});
  };
  for (auto target : {"/messages?room=a", "/health", "/static/hubbub.js"}) {
    CAPTURE(target);
    const auto leave = options(target, "https://chat.example");
    CHECK(leave.status == 204);
    CHECK(leave.body == "");
    CHECK(leave.field("Access-Control-Allow-Origin") == "https://chat.example");
    CHECK(leave.field("Access-Control-Allow-Methods") == "GET, HEAD");
    CHECK(leave.field("Access-Control-Allow-Headers") == "Authorization");
    CHECK(leave.field("Access-Control-Max-Age") == "7200");
    CHECK(leave.field("Vary") == "Origin");
    const auto foreign = options(target, "https://evil.example");
    CHECK(foreign.status == 405);
    CHECK_FALSE(foreign.has("Access-Control-Allow-Origin"));
    CHECK_FALSE(foreign.has("Access-Control-Allow-Headers"));
  }
  for (auto target : {"/ws", "/ws-info", "/metrics"})
    CHECK(options(target, "https://chat.example").status == 405);
  // What came of the request itself can be read, too.
  const auto refused =
      fetch(hub.port(), request{"GET", "/messages", {{"Origin", "https://chat.example"}}});
  CHECK(refused.status == 401);
  CHECK(refused.field("Access-Control-Allow-Origin") == "https://chat.example");
}

TEST_CASE("a star lets every page read, and no list lets none") {
  sqlite db;
  {
    hub hub{db, {{"ALLOWED_ORIGINS", "*"}}};
    const auto answer =
        fetch(hub.port(), request{"GET", "/messages", {{"Origin", "https://any.example"}}});
    CHECK(answer.field("Access-Control-Allow-Origin") == "https://any.example");
    CHECK(answer.field("Vary") == "Origin");
  }
  hub hub{db};
  eventually("health", [&] { return fetch(hub.port(), "/health").status == 200; });
  const auto own = "http://127.0.0.1:" + std::to_string(hub.port());
  for (const auto& origin : {own, std::string("https://any.example"), std::string("null")}) {
    const auto answer = fetch(hub.port(), request{"GET", "/messages", {{"Origin", origin}}});
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.has("Access-Control-Allow-Origin"));
    CHECK_FALSE(answer.has("Vary"));
  }
}

TEST_CASE("a connection waits for another request for as long as the setting says") {
  sqlite db;
  hub hub{db, {{"KEEPALIVE_TIMEOUT", "2"}}};
  eventually("health", [&] { return fetch(hub.port(), "/health").status == 200; });
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

TEST_CASE("unless it is set, a connection that was used waits longer than a new one") {
  sqlite db;
  hub hub{db};
  connection used{hub.port()};
  std::string bytes, rest;
  used.send(encode(request{"GET", "/ws-info"}, hub.port()));
  CHECK(receive(used, bytes).status == 200);
  connection silent{hub.port()};
  CHECK_FALSE(silent.read_some(rest)); // the end, after ten seconds
  CHECK_FALSE(used.readable(1s));
  used.send(encode(request{"GET", "/ws-info"}, hub.port()));
  CHECK(receive(used, bytes).status == 200);
}

TEST_CASE("a thousand idlers disturb nobody and are sent away") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  const auto time_to_serve = [&] {
    const auto began = deadline::clock::now();
    alice.say("nobody minds");
    CHECK(bob.hears()["text"] == "nobody minds");
    CHECK(visitor{hub}.init["type"] == "init");
    eventually("health", [&] { return fetch(hub.port(), "/health").status == 200; });
    return deadline::clock::now() - began;
  };
  const auto calm = time_to_serve();
  std::vector<connection> idlers;
  for (int i = 0; i < 1000; ++i)
    idlers.emplace_back(hub.port()).send(i % 2 == 0 ? "" : "GET /health HTTP/1.1\r\nHost: ");
  connection dribbler{hub.port()};
  dribbler.send("GET /health HTTP/1.1\r\n");

  // Who waited for the idlers to be sent away would wait ten seconds.
  const auto took = time_to_serve();
  note_figure("service beside a thousand idlers", 3s, took);
  CHECK(took < std::max<deadline::clock::duration>(8s, 100 * calm));

  const deadline end = patience;
  while (!dribbler.readable(500ms)) {
    REQUIRE_FALSE(end.passed());
    dribbler.send("X: y\r\n"); // little by little is no way to stay
  }
  for (auto& idler : idlers)
    idler.read_until_closed();
  alice.say("still here");
  CHECK(bob.hears()["text"] == "still here");
}

TEST_SUITE_END();
