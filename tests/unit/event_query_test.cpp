// The request for an event stream.
#include "net/websocket/event_query.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

const std::string log_name = "9f1c2d34-5b6a-4c7d-8e9f-0a1b2c3d4e5f";

std::variant<event_query, problem> read(const std::string& target, std::string_view id = {}) {
  return read_event_query(parse_target(target)->query, id, 3);
}

event_query good(const std::string& target, std::string_view id = {}) {
  const auto out = read(target, id);
  REQUIRE(std::holds_alternative<event_query>(out));
  return std::get<event_query>(out);
}

problem_code wrong(const std::string& target, std::string_view id = {}) {
  CAPTURE(target);
  CAPTURE(id);
  const auto out = read(target, id);
  REQUIRE(std::holds_alternative<problem>(out));
  return std::get<problem>(out).code;
}

} // namespace

TEST_CASE("a line has the lobby, or the rooms in the order of the query") {
  CHECK(good("/events").rooms == std::vector<std::string>{"lobby"});
  CHECK(good("/events?room=b&x=1&room=a").rooms == std::vector<std::string>{"b", "a"});
  CHECK_FALSE(good("/events").from);
}

TEST_CASE("an id replaces the position of the query") {
  const auto query = good("/events?after=5&log=X");
  REQUIRE(query.from);
  CHECK(query.from->after == 5);
  CHECK(query.from->log == "x");
  const auto field = good("/events?after=5&log=X", log_name + ":7");
  CHECK(field.from->after == 7);
  CHECK(field.from->log == log_name);
  CHECK(good("/events?after=wrong", log_name + ":7").from->after == 7);
  CHECK(good("/events", log_name + ":0").from->after == 0);
}

TEST_CASE("a malformed request has the code of its cause") {
  CHECK(wrong("/events?room=") == problem_code::bad_room);
  CHECK(wrong("/events?room=a&room=a") == problem_code::bad_query);
  CHECK(wrong("/events?room=a&room=b&room=c&room=d") == problem_code::too_many_rooms);
  CHECK(wrong("/events?after=x") == problem_code::bad_cursor);
  for (const auto& id : {std::string("7"), log_name, log_name + ':', log_name + ":x",
                         log_name + ":-1", log_name + ":1 ", "x" + log_name + ":1"})
    CHECK(wrong("/events", id) == problem_code::bad_cursor);
}
