// ADMIN_TOKEN: what only operators may read, and that the hub never reveals the token.
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("admin");

namespace {

const std::string token = "correct-horse-battery-staple";

response ask(const hub& where, const std::string& target, const std::string& authorization = {}) {
  request what{"GET", target};
  if (!authorization.empty())
    what.fields.emplace_back("Authorization", authorization);
  return fetch(where.port(), what);
}

void check_unauthorized(const response& answer) {
  CHECK(answer.status == 401);
  CHECK(answer.field("WWW-Authenticate") == "Bearer");
  CHECK(problem_of(answer)["code"] == "admin_token_required");
}

} // namespace

TEST_CASE("a request without the token gets what the old chat told, and no more") {
  sqlite db;
  hub hub{db, {{"ADMIN_TOKEN", token}}};
  visitor alice{hub};
  CHECK(ask(hub, "/ws-info").body == R"({"active_connections":1,"status":"running"})");
  CHECK(ask(hub, "/health").status == 200);
  check_unauthorized(ask(hub, "/metrics"));
  check_unauthorized(ask(hub, "/ws-info?connections=1"));
}

TEST_CASE("a credential that differs from the token in any way is refused") {
  sqlite db;
  hub hub{db, {{"ADMIN_TOKEN", token}}};
  for (const auto& wrong :
       {"Bearer " + token + "!", "Bearer " + token.substr(1), "Bearer x" + token.substr(1),
        "Bearer " + token + token, std::string("Bearer"), "Basic " + token, token, "Bearer" + token,
        "Bearer " + token + " " + token}) {
    CAPTURE(wrong);
    for (const auto* target : {"/metrics", "/ws-info", "/ws-info?connections=1"})
      check_unauthorized(ask(hub, target, wrong));
  }
}

TEST_CASE("a request with the token gets everything") {
  sqlite db;
  hub hub{db, {{"ADMIN_TOKEN", token}}};
  for (const auto* scheme : {"Bearer ", "bearer ", "BEARER  "}) {
    CHECK(ask(hub, "/metrics", scheme + token).status == 200);
    CHECK(ask(hub, "/ws-info", scheme + token).json().contains("messages"));
    CHECK(ask(hub, "/ws-info?connections=1", scheme + token).json()["connections"].empty());
  }
}

TEST_CASE("without a token in the settings every request gets everything") {
  sqlite db;
  hub hub{db, {{"ADMIN_TOKEN", ""}}};
  CHECK(ask(hub, "/metrics").status == 200);
  CHECK(ask(hub, "/metrics", "Bearer whatever").status == 200);
  CHECK(ask(hub, "/ws-info").json().contains("messages"));
}

TEST_CASE("neither the log nor a response contains the token") {
  sqlite db;
  hub hub{db, {{"ADMIN_TOKEN", token}, {"DEBUG", "true"}}};
  for (const auto& authorization : {"Bearer " + token, "Bearer x" + token})
    for (const auto* target : {"/metrics", "/ws-info", "/ws-info?connections=1"})
      CHECK(ask(hub, target, authorization).body.find(token) == std::string::npos);
  hub.stop();
  CHECK(hub.server().log().find(token) == std::string::npos);
}

TEST_CASE("the hub warns about a weak token and never shows it") {
  sqlite db;
  settings all{{"DATABASE_URL", db.url()}, {"MAX_CONNECTIONS", "100"}};
  const std::string weak = "swordfish";
  all["ADMIN_TOKEN"] = weak;
  const auto checked = run(hub_command(all, {"--check-config"}));
  CHECK(checked.code == 0);
  CHECK(checked.err.find("ADMIN_TOKEN") != std::string::npos);
  const auto examined = run(hub_command(all, {"doctor"}));
  CHECK(examined.code == 1);
  CHECK(examined.out.find("WRONG  token") != std::string::npos);
  const auto help = run(hub_command(all, {"--help"}));
  for (const auto& each : {checked, examined, help})
    CHECK((each.out + each.err).find(weak) == std::string::npos);

  all["ADMIN_TOKEN"] = token;
  CHECK(run(hub_command(all, {"--check-config"})).err == "");
  CHECK(run(hub_command(all, {"doctor"})).code == 0);
}

TEST_CASE("a token that no HTTP field can carry is refused and not shown") {
  sqlite db;
  for (const auto* odd : {"two words", "schlüsselwort", "tab\tular"}) {
    const auto end = run(hub_command({{"DATABASE_URL", db.url()}, {"ADMIN_TOKEN", odd}}));
    CHECK(end.code == 2);
    CHECK(end.err.find("ADMIN_TOKEN") != std::string::npos);
    CHECK(end.err.find(odd) == std::string::npos);
  }
}

TEST_SUITE_END();
