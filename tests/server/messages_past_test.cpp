// GET /messages from a message or a time on, the oldest first.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("messages");

namespace {

std::vector<std::string> texts(const json& page) {
  return each<std::string>(page.at("messages"), "text");
}

/// Returns the texts of the page of this query and of all pages after it.
std::vector<std::string> read_on(const hub& hub, std::string next) {
  std::vector<std::string> out;
  for (;;) {
    const auto answer = fetch(hub.port(), '/' + next);
    REQUIRE(answer.status == 200);
    const auto page = answer.json();
    for (auto& text : texts(page))
      out.push_back(text);
    if (page["next"].is_null())
      return out;
    next = page["next"];
    CHECK(answer.field("Link") == "<" + next + ">; rel=\"next\"");
  }
}

/// Returns the time of a message with its colons and its plus sign encoded.
std::string encoded_time(const json& message) {
  std::string out;
  for (const char c : message.at("created_at").get<std::string>())
    out += c == '+' ? "%2B" : c == ':' ? "%3A" : std::string(1, c);
  return out;
}

} // namespace

TEST_CASE_TEMPLATE("the history is read forward from a message or a time to its end", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub, "?room=garden"};
  bob.say("elsewhere");
  bob.hears();
  alice.say_all(numbered("message", 60));
  const auto heard = alice.hears_texts(60);
  CHECK(read_on(hub, "messages?after=0&limit=7") == heard);
  CHECK(read_on(hub, "messages?after=99999999999999999999").empty());
  const auto all = fetch(hub.port(), "/messages?after=0&limit=200").json()["messages"];
  REQUIRE(all.size() == 60);
  CHECK(read_on(hub, "messages?after=" + std::to_string(all[29]["id"].get<long long>()) +
                         "&limit=10") == std::vector<std::string>(heard.begin() + 30, heard.end()));
  for (const auto i : {0u, 31u, 59u}) { // several messages may have one time
    std::size_t first = i;
    while (first > 0 && all[first - 1]["created_at"] == all[i]["created_at"])
      --first;
    CHECK(read_on(hub, "messages?limit=13&at=" + encoded_time(all[i])) ==
          std::vector<std::string>(heard.begin() + std::ptrdiff_t(first), heard.end()));
  }
  CHECK(read_on(hub, "messages?at=9999-12-31T23:59:59Z").empty());
  CHECK(read_on(hub, "messages?at=0000-01-01T00:00:00Z&limit=200") == heard);
}

TEST_CASE("a place that is no message and no time, or two places, are refused") {
  sqlite db;
  hub hub{db};
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
  for (auto query : {"after=-1", "after=x", "after=", "after=1&before=2", "at=", "at=yesterday",
                     "at=2026-01-31T09:30:00+02:00", "at=2026-02-31T09:30:00Z",
                     "at=2026-01-31T09:30:00Z&after=1"}) {
    CAPTURE(query);
    const auto answer = fetch(hub.port(), std::string("/messages?") + query);
    CHECK(answer.status == 400);
    CHECK(answer.json()["detail"].get<std::string>().size() > 20);
  }
  CHECK(fetch(hub.port(), "/messages?at=2026-01-31T09:30:00%2B02:00").status == 200);
}

TEST_SUITE_END();
