// Origins: which pages of other sites may connect, and which may read over HTTP (CORS).
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace test;

TEST_SUITE_BEGIN("origins");

namespace {

int upgrade_status(const hub& where, const headers& fields, const std::string& target = "/ws") {
  try {
    ws_client{where.port(), target, fields};
    return 101;
  } catch (const refused& no) {
    return no.answer.status;
  }
}

} // namespace

TEST_CASE("a page of another origin is refused") {
  sqlite db;
  hub hub{db};
  auto port = std::to_string(hub.port());
  CHECK(upgrade_status(hub, {}) == 101);
  CHECK(upgrade_status(hub, {{"Origin", "http://127.0.0.1:" + port}}) == 101);
  CHECK(upgrade_status(hub, {{"Origin", "http://evil.example"}}) == 403);
  CHECK(upgrade_status(hub, {{"Origin", "http://127.0.0.1"}}) == 403);
  CHECK(upgrade_status(hub, {{"Origin", "http://127.0.0.1:" + port + ".evil.example"}}) == 403);
  CHECK(upgrade_status(hub, {{"Origin", "null"}}) == 403);
  CHECK(upgrade_status(hub, {{"Host", "chat.example"}, {"Origin", "https://chat.example"}}) == 101);
}

TEST_CASE("a page of an allowed origin may connect") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example,http://other.example:8080"}}};
  CHECK(upgrade_status(hub, {{"Origin", "https://chat.example"}}) == 101);
  CHECK(upgrade_status(hub, {{"Origin", "http://other.example:8080"}}) == 101);
  CHECK(upgrade_status(hub, {{"Origin", "http://chat.example"}}) == 403);
  CHECK(upgrade_status(hub, {{"Origin", "https://chat.example.evil"}}) == 403);
  CHECK(upgrade_status(hub, {{"Origin", "http://127.0.0.1:" + std::to_string(hub.port())}}) == 101);
}

TEST_CASE("an allowed origin may be written in capitals, with a port, or with a wildcard for "
          "subdomains") {
  sqlite db;
  hub hub{db,
          {{"ALLOWED_ORIGINS",
            "HTTPS://Chat.Example:443/ , https://*.Team.example,http://*.port.example:8080"}}};
  for (const auto* origin : {"https://chat.example", "https://a.team.example",
                             "https://a.b.team.example", "http://a.port.example:8080"}) {
    CAPTURE(origin);
    CHECK(upgrade_status(hub, {{"Origin", origin}}) == 101);
  }
  for (const auto* origin :
       {"http://chat.example", "https://chat.example:8443", "https://team.example",
        "https://evilteam.example", "http://a.team.example", "https://a.team.example.evil",
        "https://a.team.example:444", "http://a.port.example", "null"}) {
    CAPTURE(origin);
    CHECK(upgrade_status(hub, {{"Origin", origin}}) == 403);
  }
}

TEST_CASE("only a page of an allowed origin may read over HTTP, and only what it needs") {
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

TEST_CASE("a preflight request is answered with what the page may do") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example"}, {"JWT_SECRET", "secret"}}};
  const auto options = [&](const std::string& target, const std::string& origin) {
    return fetch(hub.port(), request{"OPTIONS",
                                     target,
                                     {{"Origin", origin},
                                      {"Access-Control-Request-Method", "GET"},
                                      {"Access-Control-Request-Headers", "authorization"}}});
  };
  const std::map<std::string, std::string> methods{{"/messages?room=a", "GET, HEAD, POST"},
                                                   {"/events", "GET"},
                                                   {"/health", "GET, HEAD"},
                                                   {"/static/hubbub.js", "GET, HEAD"}};
  for (const auto& [target, allowed] : methods) {
    CAPTURE(target);
    const auto leave = options(target, "https://chat.example");
    CHECK(leave.status == 204);
    CHECK(leave.body == "");
    CHECK(leave.field("Access-Control-Allow-Origin") == "https://chat.example");
    CHECK(leave.field("Access-Control-Allow-Methods") == allowed);
    CHECK(leave.field("Access-Control-Allow-Headers") ==
          (allowed.ends_with("POST")
               ? "Authorization, Content-Type, Hubbub-Name, Hubbub-Secret, Idempotency-Key"
               : "Authorization, Last-Event-ID"));
    CHECK(leave.field("Access-Control-Max-Age") == "7200");
    CHECK(leave.field("Vary") == "Origin");
    const auto foreign = options(target, "https://evil.example");
    CHECK(foreign.status == 405);
    CHECK_FALSE(foreign.has("Access-Control-Allow-Origin"));
    CHECK_FALSE(foreign.has("Access-Control-Allow-Headers"));
  }
  for (auto target : {"/ws", "/ws-info", "/metrics"})
    CHECK(options(target, "https://chat.example").status == 405);
  // The page may also read the response when its request was refused.
  const auto refused =
      fetch(hub.port(), request{"GET", "/messages", {{"Origin", "https://chat.example"}}});
  CHECK(refused.status == 401);
  CHECK(refused.field("Access-Control-Allow-Origin") == "https://chat.example");
}

TEST_CASE("a star allows every origin, and without a list no origin is allowed") {
  sqlite db;
  {
    hub hub{db, {{"ALLOWED_ORIGINS", "*"}}};
    const auto answer =
        fetch(hub.port(), request{"GET", "/messages", {{"Origin", "https://any.example"}}});
    CHECK(answer.field("Access-Control-Allow-Origin") == "https://any.example");
    CHECK(answer.field("Vary").ends_with("Origin"));
  }
  hub hub{db};
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
  const auto own = "http://127.0.0.1:" + std::to_string(hub.port());
  for (const auto& origin : {own, std::string("https://any.example"), std::string("null")}) {
    const auto answer = fetch(hub.port(), request{"GET", "/messages", {{"Origin", origin}}});
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.has("Access-Control-Allow-Origin"));
    CHECK(answer.field("Vary") == "Accept-Encoding");
  }
}

TEST_SUITE_END();
