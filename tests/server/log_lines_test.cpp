// The hub's own log, as a person and as a program read it.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <regex>

using namespace test;

TEST_SUITE_BEGIN("log lines");

TEST_CASE("in json each line is an object with time, level and message") {
  sqlite db;
  process hub{hub_command(
      {{"HOST", "127.0.0.1"}, {"PORT", "0"}, {"DATABASE_URL", db.url()}, {"LOG_FORMAT", "json"}})};
  for (int i = 0; i < 3; ++i) {
    const auto line = json::parse(hub.line(stream::out, 20s));
    CHECK(std::regex_match(line.at("time").get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
    CHECK(line.at("level") == "info");
    CHECK(!line.at("message").get<std::string>().empty());
    CHECK(line.size() == 3);
  }
}

TEST_CASE("no line at info tells what people say, and at debug none tells its text") {
  sqlite db;
  for (const auto* debug : {"false", "true"}) {
    hub hub{db, {{"DEBUG", debug}}};
    visitor alice{hub};
    alice.say("a secret between us");
    CHECK(alice.hears()["text"] == "a secret between us");
    alice.leave();
    hub.stop();
    const auto log = hub.server().output(stream::out);
    CHECK(log.find("secret") == std::string::npos);
    CHECK((log.find(alice.id()) != std::string::npos) == (debug == std::string{"true"}));
  }
}

TEST_SUITE_END();
