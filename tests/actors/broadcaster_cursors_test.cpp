// Cursors: resumed from the hot tail, by catch-up, or when the head has advanced.
#include "tests/actors/broadcaster_stage.hpp"

using namespace test;

TEST_CASE("a cursor inside, behind or at the edge of the hot tail gets all that follows, once") {
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

TEST_CASE("a cursor gets all that follows, once, however much data the messages have") {
  whole_hub hub;
  fill(hub, 120);
  hub.db.sql("update messages set data = '\"' || hex(zeroblob(20000 * (id % 7))) || '\"'");
  const auto log = log_of(hub);
  caf::anon_send(hub.broadcaster, shed_atom_v); // the first sweep after the tail was used
  caf::anon_send(hub.broadcaster, shed_atom_v); // so the tail is loaded from the log again
  hub.run();
  session_ref client = 1000;
  for (row_id after = 0; after <= 120; after += after < 60 ? 20 : 1) {
    hub.enter(++client, position{after, log});
    catch_up(hub, client);
    REQUIRE(hub.sink.ids(client) == upto(after + 1, 120));
  }
}

TEST_CASE("messages stored during a catch-up come in their order") {
  whole_hub hub;
  fill(hub, 200);
  hub.enter(1, position{10, log_of(hub)});
  hub.run();
  while (!hub.sink.last[1].live) {
    hub.say(99, "meanwhile");
    caf::anon_send(hub.clients.at(1), delivery_request{1, hub.sink.last[1].cursor});
    hub.run();
  }
  hub.say(99, "live");
  hub.run();
  const auto ids = hub.sink.ids(1);
  CHECK(ids == upto(11, hub.sink.ids(99).back()));
}

TEST_CASE("a cursor of another log, over every id, or negative gets the usual history") {
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

TEST_CASE("a cursor from a hub that is ahead waits for this hub, and misses nothing") {
  whole_hub hub;
  fill(hub, 5);
  hub.store_elsewhere(3);
  for (row_id after : {6, 7, 8, 9})
    hub.enter(session_ref(after), position{after, log_of(hub)});
  hub.run();
  CHECK(hub.sink.got[9][0]["resumed"] == false); // over the newest id of the log
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

TEST_CASE(
    "a cursor from a hub that is ahead is served although the log is unavailable for a moment") {
  whole_hub hub;
  fill(hub, 5);
  hub.store_elsewhere(1);
  hub.injected->unavailable = 1;
  hub.enter(1, position{6, log_of(hub)});
  hub.run();
  caf::anon_send(hub.persistence, log_advanced{6});
  hub.pass(1s);
  CHECK(hub.sink.got[1][0]["resumed"] == true);
  CHECK(hub.sink.last[1].live);
}
