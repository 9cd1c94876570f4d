// The members of rooms, and the announcements of their number.
#include "tests/actors/broadcaster_stage.hpp"

using namespace test;

TEST_CASE("a message reaches only its own room") {
  whole_hub hub;
  hub.enter(1, {}, "red");
  hub.enter(2, {}, "blue");
  hub.run();
  hub.say(1, "r");
  hub.say(2, "b");
  hub.run();
  CHECK(hub.sink.got[1].size() == 2);
  CHECK(hub.sink.got[1][1]["text"] == "r");
  CHECK(hub.sink.got[2][1]["text"] == "b");
}

TEST_CASE(
    "a room without members is not published to, and its history is there for the next open") {
  whole_hub hub;
  fill(hub, 3);
  caf::anon_send(hub.clients.at(99), closed_atom_v);
  hub.run();
  hub.sink.live.clear();
  const auto before = hub.sink.publications;
  hub.enter(1, {}, "elsewhere");
  hub.run();
  hub.say(1, "x");
  hub.run();
  CHECK(hub.sink.publications == before + 1);
  hub.enter(2);
  hub.run();
  CHECK(hub.sink.ids(2) == upto(1, 3));
}

TEST_CASE("the number of people is announced when it has changed, at most once per second") {
  whole_hub hub;
  for (session_ref client = 1; client <= 500; ++client)
    hub.enter(client);
  hub.run();
  const auto counts = [&] {
    std::vector<int> out;
    for (const auto& event : hub.sink.got[1])
      if (event["type"] == "presence")
        out.push_back(event["online"]);
    return out;
  };
  CHECK(counts().empty());
  hub.pass(1s);
  CHECK(counts() == std::vector<int>{500});
  hub.pass(5s);
  CHECK(counts().size() == 1);
  caf::anon_send(hub.clients.at(500), closed_atom_v);
  hub.run();
  hub.enter(501, {}, "elsewhere");
  hub.pass(1s);
  CHECK(counts() == std::vector<int>{500, 499});
  caf::anon_send(hub.clients.at(499), closed_atom_v);
  hub.enter(502);
  hub.run();
  hub.pass(1s); // one session left and one came, so the number is the same
  CHECK(counts().size() == 2);
  CHECK(hub.sink.got[502].back()["online"] == 499);
}

TEST_CASE("a session that waits for init gets the number of people after it, and nothing before") {
  whole_hub hub;
  hub.enter(1);
  hub.pass(2s);
  hub.injected->unavailable = 8;
  hub.enter(2, {}, "other");
  SUBCASE("the number changes meanwhile") {}
  SUBCASE("the number is the same again") {
    hub.enter(3, {}, "other");
    hub.run();
    caf::anon_send(hub.clients.at(3), closed_atom_v);
  }
  for (int i = 0; i < 20; ++i)
    hub.pass(500ms);
  REQUIRE(hub.sink.got[2].size() == 2);
  CHECK(hub.sink.got[2][0]["type"] == "init");
  CHECK(hub.sink.got[2][1]["type"] == "presence");
  CHECK(hub.sink.got[2][1]["online"] == 1);
}

TEST_CASE("a session that catches up gets the number of people when it is live") {
  whole_hub hub;
  fill(hub, 200);
  hub.pass(1s);
  hub.enter(1, position{10, log_of(hub)});
  hub.run();
  REQUIRE_FALSE(hub.sink.last[1].live);
  hub.pass(2s);
  catch_up(hub, 1);
  hub.pass(2s);
  REQUIRE(hub.sink.got[1].back()["type"] == "presence");
  CHECK(hub.sink.got[1].back()["online"] == 2);
  CHECK(hub.sink.ids(1) == upto(11, 200));
}

TEST_CASE("the end of a subscription that is no member of the room changes no number of people") {
  whole_hub hub;
  hub.enter(1);
  hub.enter(2);
  hub.run();
  recording_sink other;
  caf::anon_send(hub.broadcaster, unsubscribe{"lobby", &other, encoding::plain});
  hub.run();
  hub.pass(1s);
  REQUIRE(hub.sink.got[1].back()["type"] == "presence");
  CHECK(hub.sink.got[1].back()["online"] == 2);
}
