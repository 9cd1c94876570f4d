// The encoding of events as server-sent events.
#include "actors/answer_head.hpp"
#include "actors/event_stream.hpp"
#include "actors/tail.hpp"
#include "tests/actors/rows.hpp"
#include "tests/support/event_parser.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hubbub;
using namespace test;

namespace {

std::string data_fields(std::string_view json) {
  std::string out;
  append_event_data(out, json);
  return out;
}

std::vector<stream_event> parsed(const std::string& bytes) {
  event_parser parser;
  parser.feed(bytes);
  std::vector<stream_event> out;
  while (auto event = parser.next())
    out.push_back(std::move(*event));
  return out;
}

std::string joined(const std::vector<shared_bytes>& parts) {
  std::string out;
  for (const auto& part : parts)
    out += *part;
  return out;
}

} // namespace

TEST_CASE("each line of data is a field of its own") {
  CHECK(data_fields("[1]") == "data: [1]\n");
  CHECK(data_fields("") == "data: \n");
  CHECK(data_fields("[1,\n2]") == "data: [1,\ndata: 2]\n");
  CHECK(data_fields("[1,\r\n2]") == "data: [1,\ndata: 2]\n");
  CHECK(data_fields("[1,\r2]") == "data: [1,\ndata: 2]\n");
  CHECK(data_fields("a\r\r\n\nb\n") == "data: a\ndata: \ndata: \ndata: b\ndata: \n");
  CHECK(parsed("data: "
               "x\n" +
               data_fields("a\n\nb") + "\n")
            .at(0)
            .data == "x\na\n\nb");
}

TEST_CASE("a message is an event with the id of its row, or without one for several rooms") {
  auto rows = rows_between(7, 9, "text");
  rows[1].data = "{\"a\":\r\n1}";
  const auto plain = encode(std::span<const message* const>(pointers_to(rows)), 65536);
  const auto with = parsed(to_events(plain, 0, encoding::events, "the log"));
  REQUIRE(with.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(with[i].type == "message");
    CHECK(with[i].id == "the log:" + std::to_string(7 + i));
    CHECK(nlohmann::json::parse(with[i].data)["id"] == 7 + i);
  }
  CHECK(nlohmann::json::parse(with[1].data)["data"]["a"] == 1);
  const auto without = parsed(to_events(plain, 1, encoding::events_of_rooms, "the log"));
  REQUIRE(without.size() == 2);
  CHECK(without[0].id == "");
  CHECK(without[0].data == with[1].data);
  CHECK(without[1].data == with[2].data);
}

TEST_CASE("a greeting is one event, and only init has an id") {
  attach first;
  first.room = "lobby";
  first.how = encoding::events;
  first.greet = greeting::init;
  const auto messages = event_data_lines(make_shared_bytes(R"({"id":1},{"id":2,"data":[)"
                                                           "\n"
                                                           "]}"));
  const auto end = make_shared_bytes(R"(],"room":"lobby"})");
  const auto init = parsed(joined(make_greeting(first, messages, end, "log", 5)));
  REQUIRE(init.size() == 1);
  CHECK(init[0].type == "init");
  CHECK(init[0].id == "log:5");
  CHECK(nlohmann::json::parse(init[0].data)["history"].size() == 2);
  first.greet = greeting::subscribed;
  const auto more = parsed(joined(make_greeting(first, messages, end, "log", 5)));
  REQUIRE(more.size() == 1);
  CHECK(more[0].type == "subscribed");
  CHECK(more[0].id == "");
  CHECK(nlohmann::json::parse(more[0].data)["type"] == "subscribed");
}

TEST_CASE("a resumed line begins at its cursor, and is told of forks that it may not know") {
  attach a;
  a.room = "lobby";
  a.how = encoding::events;
  a.greet = greeting::init;
  a.from = position{4, "log"};
  const shown_log log{"log", 9, {{3, 100}}};
  const auto init = parsed(*make_answer_head(a, log));
  REQUIRE(init.size() == 1);
  CHECK(init[0].id == "log:4");
  const auto json = nlohmann::json::parse(init[0].data);
  CHECK(json["resumed"] == true);
  CHECK(json["fork"]["first"] == 100);
  a.greet = greeting::none;
  a.known_fork = 0;
  const auto forks = parsed(*make_answer_head(a, log));
  REQUIRE(forks.size() == 1);
  CHECK(forks[0].type == "fork");
  CHECK(nlohmann::json::parse(forks[0].data)["after"] == 3);
  CHECK_FALSE(make_id_head(a, log));
  a.how = encoding::events_of_rooms;
  CHECK(*make_id_head(a, log) == "id: log:");
}
