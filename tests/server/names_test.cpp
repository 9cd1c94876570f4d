// No person can take a name that looks like that of another person in the same rooms.
#include "tests/server/persons.hpp"

#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("names");

namespace {

const std::string ann_secret = "the secret of Ann", bob_secret = "the secret of Bob";

/// Waits until the client may have those names. A name is free a moment after a connection has
/// closed.
void eventually_takes(visitor& who, const json& fields) {
  eventually("the name to be free", [&] { return hello_error(who, fields).empty(); });
}

} // namespace

TEST_CASE("a name that looks like another person's is taken") {
  sqlite db;
  hub hub{db};
  for (const auto& [name, alike] : std::initializer_list<std::pair<std::string, std::string>>{
           {"Ann", "Ann"},
           {"Ann", "ANN"},
           {"Ann", "\u0410nn"}, // a Cyrillic letter
           {"Paypal", "PaypaI"},
           {"Ann", "\uff21\uff4e\uff4e"}, // full width
           {"Ann", "A\u200dnn"},          // a joiner
           {"Ann", " Ann\u00a0"},
           {"Ann Lee", "Ann   Lee"},
           {"\u05e0\u05d5\u05e2\u05d4", "\u05e0\u05d5\u05e2\u200c\u05d4"}, // right to left
           {"Ren\u00e9", "Rene\u0301"}}) {
    CAPTURE(name);
    CAPTURE(alike);
    visitor alice{hub}, bob{hub};
    CHECK(hello_error(alice, introduced(name, ann_secret)).empty());
    for (const auto& fields : {introduced(alike), introduced(alike, bob_secret)})
      CHECK(hello_error(bob, fields) == "name_taken");
    CHECK(hello_error(bob, introduced("Bob", bob_secret)).empty());
    CHECK(hello_error(bob, introduced(alike, ann_secret)).empty()); // the same person
    for (auto* each : {&alice, &bob})
      CHECK(hello_error(*each, {{"name", nullptr}}).empty());
  }
}

TEST_CASE("a connection without a secret is a person of its own") {
  sqlite db;
  hub hub{db};
  visitor one{hub}, other{hub};
  CHECK(hello_error(one, introduced("Ann")).empty());
  CHECK(hello_error(one, introduced("ANN")).empty());
  CHECK(hello_error(other, introduced("Ann")) == "name_taken");
  CHECK(hello_error(one, introduced("Ann", ann_secret)).empty());
  CHECK(hello_error(other, introduced("Ann")) == "name_taken");
  CHECK(hello_error(other, introduced("Ann", ann_secret)).empty());
  // The name stays, and the person changes: then the name is that of another person.
  CHECK(hello_error(other, {{"secret", bob_secret}}) == "name_taken");
  CHECK(say_hello(other, json::object())["name"] == "Ann");
}

TEST_CASE("a name is taken only in rooms that both are in") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=den"}, bob{hub};
  CHECK(hello_error(alice, introduced("Ann", ann_secret)).empty());
  CHECK(hello_error(bob, introduced("Ann", bob_secret)).empty());
  CHECK(hello_error(bob, introduced("Bob")).empty());
  bob.enter("hall");
  alice.enter("hall");
  CHECK(hello_error(bob, introduced("ann")) == "name_taken");
  alice.leave_room("hall");
  CHECK(hello_error(bob, introduced("ann")).empty());
  CHECK(hello_error(bob, introduced("Bob")).empty());
  alice.leave_room("den"); // with no room at all a name hinders nobody
  bob.enter("den");
  CHECK(hello_error(bob, introduced("ann")).empty());
}

TEST_CASE("a room is entered with any name, and the name is checked with the next hello") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=den"}, bob{hub};
  CHECK(hello_error(alice, introduced("Ann", ann_secret)).empty());
  CHECK(hello_error(bob, introduced("Ann", bob_secret)).empty());
  CHECK(bob.enter("den")["type"] == "subscribed");
  CHECK(say_hello(bob, json::object())["name"] == "Ann"); // this one gives no name
  CHECK(hello_error(bob, introduced("Ann")) == "name_taken");
  CHECK(hello_error(alice, introduced("Ann")) == "name_taken");
  bob.leave_room("den");
  CHECK(hello_error(alice, introduced("Ann")).empty());
}

TEST_CASE("a name is free again when its connection has left, has another name, or is closed") {
  sqlite db;
  hub hub{db};
  visitor bob{hub};
  {
    visitor alice{hub}, again{hub};
    CHECK(hello_error(alice, introduced("Ann", ann_secret)).empty());
    CHECK(hello_error(bob, introduced("Ann", bob_secret)) == "name_taken");
    CHECK(hello_error(alice, introduced("Anna")).empty());
    CHECK(hello_error(bob, introduced("Ann", bob_secret)).empty());
    CHECK(hello_error(bob, {{"name", nullptr}}).empty());
    CHECK(hello_error(alice, introduced("Ann")).empty());
    CHECK(hello_error(alice, {{"name", nullptr}}).empty());
    CHECK(hello_error(bob, introduced("Ann")).empty());
    CHECK(hello_error(bob, introduced("Bob")).empty());

    CHECK(hello_error(alice, introduced("Ann")).empty());
    CHECK(hello_error(again, introduced("Ann", ann_secret)).empty());
    alice.leave_room("lobby");
    CHECK(hello_error(bob, introduced("Ann")) == "name_taken"); // the other connection has it
    again.leave();
    eventually_takes(bob, introduced("Ann"));
    CHECK(hello_error(bob, introduced("Bob")).empty());
    alice.enter("lobby");
    CHECK(hello_error(bob, introduced("Ann")) == "name_taken");
  } // closed without a closing handshake
  eventually_takes(bob, introduced("Ann"));
}

TEST_CASE("of many connections that take one name at once, exactly one gets it") {
  sqlite db;
  hub hub{db};
  std::vector<std::unique_ptr<visitor>> people;
  for (int i = 0; i < 20; ++i)
    people.push_back(std::make_unique<visitor>(hub));
  for (int round = 0; round < 20; ++round) {
    const auto name = "Ann " + std::string(std::size_t(round + 1), 'x');
    for (auto& each : people)
      each->send_json({{"type", "hello"}, {"name", name}});
    int winners = 0;
    for (auto& each : people) {
      const auto answer = each->hears_any();
      winners += answer["type"] == "hello" ? 1 : 0;
      CHECK((answer["type"] == "hello" || answer["code"] == "name_taken"));
    }
    CHECK(winners == 1);
  }
}

TEST_SUITE_END();
