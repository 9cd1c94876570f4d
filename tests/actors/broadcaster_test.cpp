#include "tests/actors/stage.hpp"

using namespace test;

namespace {

std::vector<row_id> upto(row_id from, row_id to) {
  std::vector<row_id> out;
  for (; from <= to; ++from)
    out.push_back(from);
  return out;
}

/// Plays a session that writes at once whatever it is given, until it is live.
void catch_up(whole_hub& hub, session_ref client) {
  hub.run();
  for (int pages = 0; !hub.sink.last[client].live; ++pages) {
    REQUIRE(pages < 1000);
    caf::anon_send(hub.clients.at(client), delivery_written{hub.sink.last[client].cursor});
    hub.run();
  }
}

void fill(whole_hub& hub, int messages) {
  hub.enter(99);
  hub.run();
  for (int i = 0; i < messages; ++i) {
    hub.say(99, "m" + std::to_string(i));
    if (i % 7 == 0)
      hub.run();
  }
  hub.run();
}

std::string log_of(whole_hub& hub) {
  return hub.sink.got[99][0]["log"];
}

} // namespace

TEST_CASE("who opens gets init with the newest 50 first, then everything live") {
  whole_hub hub;
  fill(hub, 70);
  hub.enter(1);
  hub.run();
  hub.say(99, "live");
  hub.run();
  CHECK(hub.sink.got[1][0]["type"] == "init");
  CHECK(hub.sink.ids(1) == upto(21, 71));
}

TEST_CASE("who opens while others talk gets no gap and no double") {
  whole_hub hub;
  fill(hub, 5);
  for (session_ref client = 1; client <= 30; ++client) {
    hub.say(99, "before");
    hub.enter(client);
    hub.say(99, "after");
    hub.scheduler.run(client % 5); // stop somewhere in the midst
  }
  hub.run();
  for (session_ref client = 1; client <= 30; ++client) {
    const auto ids = hub.sink.ids(client);
    REQUIRE_FALSE(ids.empty());
    CHECK(ids == upto(ids.front(), 65));
  }
}

TEST_CASE("a cursor in the tail, far behind it, and at its very edge gets all that follows, once") {
  whole_hub hub;
  fill(hub, 300);
  session_ref client = 1000;
  for (row_id after = 0; after <= 300; after += after < 200 ? 50 : 1) {
    hub.enter(++client, position{after, log_of(hub)});
    catch_up(hub, client);
    CHECK(hub.sink.got[client][0]["resumed"] == true);
    CHECK(hub.sink.got[client][0]["history"].empty());
    REQUIRE(hub.sink.ids(client) == upto(after + 1, 300));
  }
}

TEST_CASE("what is said while a client catches up comes in its place") {
  whole_hub hub;
  fill(hub, 200);
  hub.enter(1, position{10, log_of(hub)});
  hub.run();
  while (!hub.sink.last[1].live) {
    hub.say(99, "meanwhile");
    caf::anon_send(hub.clients.at(1), delivery_written{hub.sink.last[1].cursor});
    hub.run();
  }
  hub.say(99, "live");
  hub.run();
  const auto ids = hub.sink.ids(1);
  CHECK(ids == upto(11, hub.sink.ids(99).back()));
}

TEST_CASE("a cursor of another log, of the future, or negative gets the usual history") {
  whole_hub hub;
  fill(hub, 60);
  hub.enter(1, position{10, "another log"});
  hub.enter(2, position{1000, log_of(hub)});
  hub.enter(3, position{-1, log_of(hub)});
  hub.run();
  for (session_ref client : {1, 2, 3}) {
    CHECK(hub.sink.got[client][0]["resumed"] == false);
    CHECK(hub.sink.ids(client) == upto(11, 60));
    CHECK(hub.sink.last[client].live);
  }
}

TEST_CASE("who comes from a hub that is ahead waits for this one, and misses nothing") {
  whole_hub hub;
  fill(hub, 5);
  hub.store_elsewhere(3);
  for (row_id after : {6, 7, 8, 9})
    hub.enter(session_ref(after), position{after, log_of(hub)});
  hub.run();
  CHECK(hub.sink.got[9][0]["resumed"] == false); // no hub is that far
  CHECK(hub.sink.got[6].empty());
  CHECK(hub.sink.got[7].empty());
  caf::anon_send(hub.persistence, log_advanced{8});
  hub.run();
  hub.say(99, "live");
  hub.run();
  for (row_id after : {6, 7, 8}) {
    CHECK(hub.sink.got[session_ref(after)][0]["resumed"] == true);
    CHECK(hub.sink.ids(session_ref(after)) == upto(after + 1, 9));
  }
}

TEST_CASE("who comes from a hub that is ahead is served though the log goes away for a moment") {
  whole_hub hub;
  fill(hub, 5);
  hub.store_elsewhere(1);
  hub.what->unavailable = 1;
  hub.enter(1, position{6, log_of(hub)});
  hub.run();
  caf::anon_send(hub.persistence, log_advanced{6});
  hub.pass(1s);
  CHECK(hub.sink.got[1][0]["resumed"] == true);
  CHECK(hub.sink.last[1].live);
}

TEST_CASE("many rooms that open at once are read together") {
  whole_hub hub;
  hub.enter(1, {}, "busy");
  hub.run();
  for (int i = 0; i < 100; ++i)
    hub.say(1, "m" + std::to_string(i));
  hub.run();
  const auto before = hub.what->first_pages;
  for (session_ref client = 2; client <= 600; ++client)
    hub.enter(client, {}, client % 100 ? "room" + std::to_string(client) : "busy");
  hub.what->unavailable = 1;
  hub.run();
  hub.pass(1s);
  CHECK(hub.what->first_pages - before < 30);
  for (session_ref client = 2; client <= 600; ++client) {
    REQUIRE(hub.sink.got[client][0]["type"] == "init");
    CHECK(hub.sink.got[client][0]["history"].size() == (client % 100 ? 0 : 50));
    CHECK(hub.sink.last[client].live);
  }
}

TEST_CASE("rooms do not hear each other") {
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
    "a room that everybody left is published to nobody, and its history is there for the next") {
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

TEST_CASE("who comes before the log is open is served when it is") {
  whole_hub hub;
  hub.what->unavailable = 4;
  hub.enter(1);
  hub.run();
  for (int i = 0; i < 10; ++i)
    hub.pass(500ms);
  REQUIRE(hub.sink.got[1].size() == 2);
  CHECK(hub.sink.got[1][0]["type"] == "init");
  CHECK(hub.sink.got[1][1]["type"] == "presence");
}

TEST_CASE("a page that is read again holds what came meanwhile, once") {
  whole_hub hub;
  fill(hub, 3);
  hub.enter(1, {}, "other");
  hub.run();
  // The page fails when the room is opened; what is said before the next try is in that page.
  caf::anon_send(hub.clients.at(99), closed_atom_v);
  hub.run();
  hub.sink.live.erase(99);
  hub.what->unavailable = 1;
  hub.enter(2);
  hub.run();
  CHECK(hub.sink.got[2].empty());
  hub.say(2, "meanwhile");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.ids(2) == upto(1, 4));
}

TEST_CASE("a room hears how many are there, when that has changed, once a second at most") {
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
  hub.pass(1s); // one went, one came
  CHECK(counts().size() == 2);
  CHECK(hub.sink.got[502].back()["online"] == 499);
}

TEST_CASE("who is served late hears how many are there, and nothing before init") {
  whole_hub hub;
  hub.enter(1);
  hub.pass(2s);
  hub.what->unavailable = 8;
  hub.enter(2, {}, "other");
  SUBCASE("while others come and go") {}
  SUBCASE("while as many come as go") {
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

TEST_CASE("who was behind when the count changed hears it when live again") {
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
