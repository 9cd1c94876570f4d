// The format and the contents of the hub's log.
#include "tests/server/signed_token.hpp"
#include "tests/support/http.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <sys/resource.h>

using namespace test;

TEST_SUITE_BEGIN("log lines");

TEST_CASE("with LOG_FORMAT=json each line is an object with time, level and message") {
  sqlite db;
  process hub{hub_command(
      {{"HOST", "127.0.0.1"}, {"PORT", "0"}, {"DATABASE_URL", db.url()}, {"LOG_FORMAT", "json"}})};
  for (int i = 0; i < 3; ++i) {
    const auto line = json::parse(hub.line(stream::out));
    CHECK(std::regex_match(line.at("time").get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
    CHECK(line.at("level") == "info");
    CHECK(!line.at("message").get<std::string>().empty());
    CHECK(line.size() == 3);
  }
}

TEST_CASE("clients cannot fill the log, and the log counts the lines that it leaves out") {
  sqlite db;
  std::string format;
  SUBCASE("as text") {
    format = "text";
  }
  SUBCASE("in json") {
    format = "json";
  }
  hub hub{db, {{"MAX_CONNECTIONS", "4"}, {"LOG_FORMAT", format}, {"RATE_LIMIT", "100"}}};
  const auto began = std::chrono::steady_clock::now();
  std::deque<visitor> inside;
  for (int i = 0; i < 4; ++i)
    inside.emplace_back(hub);
  const int handshakes = 300, requests = 300, frames = 3000;
  for (int i = 0; i < handshakes; ++i)
    CHECK_THROWS_AS(ws_client{hub.port()}, refused);
  for (int i = 0; i < requests; ++i) {
    connection client{hub.port()};
    client.send("NONSENSE\r\n\r\n");
    CHECK(client.read_until_closed().starts_with("HTTP/1.1 400"));
  }
  for (auto& each : inside) { // a thousand bad frames would close a connection
    for (int i = 0; i < frames / 4; ++i)
      each.send_text("nonsense");
    for (int i = 0; i < frames / 4; ++i)
      CHECK(each.gets("error")["code"] != "");
    each.leave();
  }
  CHECK(hub.stop() == 0);
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();

  std::map<std::string, int> told;
  int lines = 0;
  std::istringstream log{hub.server().output(stream::out)};
  for (std::string line; std::getline(log, line); ++lines) {
    if (format == "json")
      CHECK(json::parse(line).size() == 3);
    std::smatch more;
    const bool sum = std::regex_search(line, more, std::regex(R"(and (\d+) more like it)"));
    for (const auto* what :
         {"a WebSocket is refused", "a request is refused", "a frame is refused"})
      if (line.find(what) != std::string::npos)
        told[what] += sum ? 1 + std::stoi(more[1]) : 1;
  }
  CHECK(told["a WebSocket is refused"] == handshakes);
  CHECK(told["a request is refused"] == requests);
  CHECK(told["a frame is refused"] == frames);
  // There are five kinds of lines, because frames are refused as too fast or as no JSON, and the
  // lines of start and stop.
  CHECK(lines <= 5 * 3 * (seconds + 1) + 5 * (seconds / 10 + 1) + 6);
  CHECK(lines < 100 + 15 * seconds);
}

TEST_CASE("the log names a refused upgrade's reason, Origin, Host and path, and no secret") {
  sqlite db;
  hub hub{db};
  const auto host = "127.0.0.1:" + std::to_string(hub.port());
  for (const auto* origin : {"http://evil.example", "http://\xc3\xa9vil\texample\"x\\"})
    CHECK_THROWS_AS((ws_client{hub.port(), "/ws?room=a&access_token=geheim", {{"Origin", origin}}}),
                    refused);
  CHECK_THROWS_AS((ws_client{hub.port(), "/chat/ws?access_token=geheim"}), refused);
  hub.stop();
  const auto log = hub.server().log();
  INFO(log);
  const std::string no = "a WebSocket is refused with 403, Pages of this origin may not connect "
                         "here: origin \"http://";
  CHECK(log.find(no + "evil.example\", host \"" + host + "\", path \"/ws\", from 127.0.0.1\n") !=
        log.npos);
  CHECK(log.find(no + R"(\xc3\xa9vil\x09example\x22x\x5c", host)") != log.npos);
  CHECK(log.find("a WebSocket is refused with 404, Not Found: origin none, host \"" + host +
                 "\", path \"/chat/ws\"") != log.npos);
  CHECK(log.find("geheim") == log.npos);
}

TEST_CASE("the log names the reason why a token is refused, and never the token's contents") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}}};
  const std::string head = R"({"alg":"HS256","typ":"JWT"})";
  const std::vector<std::pair<std::string, std::string>> all{
      {"nonsense", "it is no JSON Web Token"},
      {signed_token(R"({"alg":"HS384"})", R"({"sub":"Hidden"})"), "alg is not HS256"},
      {signed_token(head, R"({"sub":"Hidden"})", "another secret of another hub"),
       "its signature is not by the hub's key"},
      {signed_token(head, R"({"sub":"Hidden","exp":1000000000})"), "exp has passed"},
      {signed_token(head, R"({"sub":"Hidden","exp":"Hidden"})"), "exp is no number"},
      {signed_token(head, R"({"sub":"Hidden","nbf":99999999999})"), "nbf is still to come"},
      {signed_token(head, R"({"sub":["Hidden"]})"), "sub is no text"},
      {signed_token(head, R"({"rooms":"Hidden"})"), "rooms is no list"},
      {signed_token(head, R"({"rooms":["Hidden"]})"), "rooms does not allow this one"},
      {signed_token(R"({"alg":"HS256","crit":["exp"]})", R"({"sub":"Hidden"})"),
       "crit names an extension"}};
  for (const auto& [token, why] : all) {
    CAPTURE(why);
    CHECK_THROWS_AS((ws_client{hub.port(), "/ws?access_token=" + token}), refused);
    const auto answer = fetch(hub.port(), "/messages?access_token=" + token);
    CHECK(answer.status == (why.starts_with("rooms does") ? 403 : 401));
    CHECK(answer.body.find(why) == answer.body.npos);
  }
  CHECK_THROWS_AS((ws_client{hub.port()}), refused);
  hub.stop();
  const auto log = hub.server().log();
  INFO(log);
  for (const auto& [token, why] : all) {
    CHECK(log.find('(' + why + "): origin none, host \"127.0.0.1") != log.npos);
    CHECK(log.find(token.substr(0, 20)) == log.npos);
  }
  CHECK(log.find("a WebSocket is refused with 401, A valid token is needed (there is none): ") !=
        log.npos);
  CHECK(log.find("a request is refused with 401, A valid token is needed (exp has passed): ") !=
        log.npos);
  CHECK(log.find("Hidden") == log.npos);
}

TEST_SUITE_END();
