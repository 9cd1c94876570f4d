// Server-sent events: requests that are refused, and pages of other sites.
#include "tests/server/events.hpp"
#include "tests/server/signed_token.hpp"
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"

using namespace test;

TEST_SUITE_BEGIN("events");

namespace {

std::string bearer(const json& claims) {
  return "Bearer " + signed_token(R"({"alg":"HS256","typ":"JWT"})", claims.dump());
}

/// The code of a refusal, which must have that status.
std::string refusal_of(const hub& where, int status, const std::string& query,
                       const headers& fields = {}) {
  CAPTURE(query);
  const auto answer = fetch(where.port(), request{"GET", "/events" + query, fields});
  CHECK(answer.status == status);
  return problem_of(answer)["code"];
}

} // namespace

TEST_CASE("a malformed request is refused with the code of its cause") {
  sqlite db;
  hub hub{db, {{"MAX_ROOMS", "3"}}};
  CHECK(refusal_of(hub, 400, "?room=a%20b") == "bad_room");
  CHECK(refusal_of(hub, 400, "?room=a&room=") == "bad_room");
  CHECK(refusal_of(hub, 400, "?room=a&room=b&room=a") == "bad_query");
  CHECK(refusal_of(hub, 400, "?room=caf%C3%A9&room=cafe%CC%81") == "bad_query");
  CHECK(refusal_of(hub, 400, "?room=a&room=b&room=c&room=d") == "too_many_rooms");
  CHECK(refusal_of(hub, 400, "?after=x") == "bad_cursor");
  const std::string log = "11111111-2222-3333-4444-555555555555";
  for (const auto& id :
       {std::string("7"), log, log + ':', log + ":x", log + ":-1", ':' + log, log.substr(1) + ":7",
        log + "0:7", log + ": 7", log + ":7:8", std::string(36, 'g') + ":7"}) {
    CAPTURE(id);
    CHECK(refusal_of(hub, 400, "", {{"Last-Event-ID", id}}) == "bad_cursor");
  }
  event_line line{hub,
                  "?room=a&room=b&room=c&unknown=1",
                  {{"Last-Event-ID", log + ":99999999999999999999999"}}};
  CHECK(line.gets("init")["resumed"] == false);
}

TEST_CASE("another method and another version of HTTP are refused clearly") {
  sqlite db;
  hub hub{db};
  const auto head = fetch(hub.port(), request{"HEAD", "/events"});
  CHECK(head.status == 405);
  CHECK(head.field("Allow") == "GET");
  CHECK(head.body.empty());
  CHECK(fetch(hub.port(), request{"POST", "/events"}).status == 405);
  connection old{hub.port()};
  old.send("GET /events HTTP/1.0\r\nHost: hub\r\n\r\n");
  const auto answer = old.read_until_closed();
  CHECK(answer.starts_with("HTTP/1.0 505 "));
  CHECK(json::parse(answer.substr(answer.find("\r\n\r\n")))["code"] == "http_version");
}

TEST_CASE("a token admits to its rooms, and its end closes the line") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}}};
  CHECK(refusal_of(hub, 401, "") == "token_required");
  const headers fields{{"Authorization", bearer({{"sub", "ann"}, {"rooms", {"lobby", "garden"}}})}};
  CHECK(refusal_of(hub, 403, "?room=lobby&room=secret", fields) == "forbidden");
  CHECK(refusal_of(hub, 403, "?room=secret", fields) == "forbidden");
  event_line line{hub, "?room=lobby&room=garden", fields};
  line.gets("init");
  line.gets("subscribed");
  const auto token = bearer({{"sub", "ann"}, {"exp", std::time(nullptr) + 2}}).substr(7);
  event_line brief{hub, "?access_token=" + token};
  brief.gets("init");
  CHECK(brief.gets("close") == json{{"code", 4401}});
  CHECK_FALSE(brief.next());
  CHECK_FALSE(brief.peer.was_reset());
}

TEST_CASE("a page of another site may read events only if it is allowed") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example"}}};
  CHECK(refusal_of(hub, 403, "", {{"Origin", "https://evil.example"}}) == "foreign_origin");
  const headers allowed{{"Origin", "https://chat.example"}};
  event_line line{hub, "", allowed};
  CHECK(line.head.field("Access-Control-Allow-Origin") == "https://chat.example");
  CHECK(line.head.field("Vary") == "Origin");
  line.gets("init");
  const auto own = "http://127.0.0.1:" + std::to_string(hub.port());
  event_line same{hub, "", {{"Origin", own}, {"Host", own.substr(7)}}};
  CHECK_FALSE(same.head.has("Access-Control-Allow-Origin"));
  const auto wrong = fetch(hub.port(), request{"GET", "/events?after=x", allowed});
  CHECK(wrong.status == 400);
  CHECK(wrong.field("Access-Control-Allow-Origin") == "https://chat.example");
  const auto preflight =
      fetch(hub.port(), request{"OPTIONS",
                                "/events",
                                {{"Origin", "https://chat.example"},
                                 {"Access-Control-Request-Method", "GET"},
                                 {"Access-Control-Request-Headers", "last-event-id"}}});
  CHECK(preflight.status == 204);
  CHECK(preflight.field("Access-Control-Allow-Headers").find("Last-Event-ID") != std::string::npos);
}

TEST_CASE("lines count where WebSockets do") {
  sqlite db;
  hub hub{db, {{"MAX_CONNECTIONS", "2"}}};
  visitor alice{hub};
  auto line = std::make_unique<event_line>(hub);
  line->gets("init");
  const auto full = fetch(hub.port(), "/events");
  CHECK(full.status == 503);
  CHECK(problem_of(full)["code"] == "hub_full");
  CHECK(full.field("Retry-After") == "5");
  line.reset();
  eventually("there is space", [&] { return event_line(hub).head.status == 200; });
}

TEST_SUITE_END();
