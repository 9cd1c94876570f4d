// Fresh opens: `init`, and the hot tails that it is made of.
#include "tests/actors/broadcaster_stage.hpp"

using namespace test;

TEST_CASE("a fresh open gets init with the newest 50 messages, then the live messages") {
  whole_hub hub;
  fill(hub, 70);
  hub.enter(1);
  hub.run();
  hub.say(99, "live");
  hub.run();
  CHECK(hub.sink.got[1][0]["type"] == "init");
  CHECK(hub.sink.ids(1) == upto(21, 71));
}

TEST_CASE("an open during a stream of messages has no gap and no repeat") {
  whole_hub hub;
  fill(hub, 5);
  for (session_ref client = 1; client <= 30; ++client) {
    hub.say(99, "before");
    hub.enter(client);
    hub.say(99, "after");
    hub.scheduler.run(client % 5); // stops between two handlers
  }
  hub.run();
  for (session_ref client = 1; client <= 30; ++client) {
    const auto ids = hub.sink.ids(client);
    REQUIRE_FALSE(ids.empty());
    CHECK(ids == upto(ids.front(), 65));
  }
}

TEST_CASE("the tails of rooms that open at once are read together") {
  whole_hub hub;
  hub.enter(1, {}, "busy");
  hub.run();
  for (int i = 0; i < 100; ++i)
    hub.say(1, "m" + std::to_string(i));
  hub.run();
  const auto before = hub.injected->first_pages;
  for (session_ref client = 2; client <= 600; ++client)
    hub.enter(client, {}, client % 100 ? "room" + std::to_string(client) : "busy");
  hub.injected->unavailable = 1;
  hub.run();
  hub.pass(1s);
  CHECK(hub.injected->first_pages - before < 30);
  for (session_ref client = 2; client <= 600; ++client) {
    REQUIRE(hub.sink.got[client][0]["type"] == "init");
    CHECK(hub.sink.got[client][0]["history"].size() == (client % 100 ? 0 : 50));
    CHECK(hub.sink.last[client].live);
  }
}

TEST_CASE("an attach before the log is open is answered when the log opens") {
  whole_hub hub;
  hub.injected->unavailable = 4;
  hub.enter(1);
  hub.run();
  for (int i = 0; i < 10; ++i)
    hub.pass(500ms);
  REQUIRE(hub.sink.got[1].size() == 2);
  CHECK(hub.sink.got[1][0]["type"] == "init");
  CHECK(hub.sink.got[1][1]["type"] == "presence");
}

TEST_CASE("a first page that is read again holds the messages stored meanwhile, once") {
  whole_hub hub;
  fill(hub, 3);
  hub.enter(1, {}, "other");
  hub.run();
  // The first request for the page fails. Messages before the second request are in its page.
  caf::anon_send(hub.clients.at(99), closed_atom_v);
  hub.run();
  hub.sink.live.erase({99, 1});
  hub.injected->unavailable = 1;
  hub.enter(2);
  hub.run();
  CHECK(hub.sink.got[2].empty());
  hub.say(2, "meanwhile");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.ids(2) == upto(1, 4));
}
