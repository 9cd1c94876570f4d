#include "tests/actors/stage.hpp"

#include <algorithm>
#include <numeric>

using namespace test;

TEST_CASE("the drafts that wait during a commit are the next batch") {
  hub_with_client hub;
  for (int i = 0; i < 5; ++i)
    hub.say(1, "m" + std::to_string(i));
  hub.run();
  CHECK(hub.injected->appended == std::vector<std::size_t>{5});
  CHECK(hub.sink.batches == std::vector<std::size_t>{5});
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2, 3, 4, 5});
  CHECK(hub.sink.settled[1] == 5);
}

TEST_CASE("many drafts of one address delay another address by one short batch") {
  whole_hub hub;
  const auto crowd = std::make_shared<ingress_quota>();
  hub.enter(1, {}, "lobby", crowd);
  hub.enter(2, {}, "lobby", crowd);
  hub.enter(3);
  hub.run();
  hub.injected->unavailable = 1;
  hub.say(1, "first");
  hub.run();
  for (int i = 0; i < 1000; ++i)
    hub.say(1 + session_ref(i % 2), "m" + std::to_string(i));
  hub.run();
  hub.say(3, "mine", "k");
  hub.run();
  hub.pass(1s);
  const auto& sizes = hub.injected->appended;
  CHECK(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}) == 1002);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) < 200);
  const auto& got = hub.sink.got[3];
  const auto ack = std::find_if(got.begin(), got.end(), [](auto& e) { return e["type"] == "ack"; });
  REQUIRE(ack != got.end());
  CHECK((*ack)["id"] == 3);
  CHECK(hub.ingress->used() == 0);
  CHECK(crowd->used == 0);
}

TEST_CASE(
    "while the log is unavailable nothing is shown, and afterwards all is shown once, in order") {
  hub_with_client hub;
  hub.injected->unavailable = 3;
  hub.say(1, "one");
  hub.scheduler.run(20);
  hub.say(1, "two");
  CHECK(hub.sink.ids(1).empty());
  while (hub.injected->unavailable > 0) {
    CHECK(hub.sink.ids(1).empty());
    hub.pass(100ms);
  }
  hub.pass(1s);
  CHECK(hub.ingress->log().available());
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.got[1].back()["user_message_number"] == 2);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a commit whose answer was lost is neither lost nor stored twice") {
  hub_with_client hub;
  hub.injected->lost_answers = 1;
  hub.say(1, "plain");
  hub.say(1, "keyed", "k");
  hub.run();
  hub.say(1, "later");
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2, 3});
  CHECK(hub.db.value("select count(*) from messages") == "3");
  CHECK(hub.sink.settled[1] == 3);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a conflict of keys is told once, though the answer to its commit was lost") {
  hub_with_client hub;
  hub.injected->lost_answers = 1;
  hub.say(1, "first", "k");
  hub.say(1, "second", "k");
  hub.say(1, "plain");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.events(1, "ack").size() == 1);
  REQUIRE(hub.sink.events(1, "error").size() == 1);
  CHECK(hub.sink.events(1, "error")[0]["code"] == "key_conflict");
  CHECK(hub.sink.settled[1] == 3);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("after a lost answer a batch with a repeated key finds every draft again") {
  hub_with_client hub;
  hub.say(1, "first", "k");
  hub.run();
  hub.injected->lost_answers = 1;
  hub.say(1, "first", "k");
  hub.say(1, "plain");
  hub.say(1, "keyed", "k2");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2, 3});
  CHECK(hub.db.sql("select user_message_number from messages order by id") ==
        rows{{"1"}, {"2"}, {"3"}});
}

TEST_CASE("a log that was dropped is made anew, and all clients are sent away to come back to it") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.say(1, "two");
  hub.run();
  const std::string old = hub.sink.got[1][0]["log"];
  hub.db.sql("drop table messages; drop table hubbub_meta");
  hub.say(1, "three", "k");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.closes == std::vector<std::uint16_t>{1012});
  CHECK(hub.db.sql("select id, text from messages") == rows{{"1", "three"}});
  hub.enter(2, position{2, old});
  hub.run();
  REQUIRE(hub.sink.got[2].size() >= 1);
  CHECK(hub.sink.got[2][0]["type"] == "init");
  CHECK(hub.sink.got[2][0]["log"] != old);
  CHECK(hub.sink.got[2][0]["history"][0]["text"] == "three");
  hub.say(2, "four");
  hub.run();
  CHECK(hub.sink.ids(2) == std::vector<row_id>{1, 2});
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a client that has left its last room is sent away too when the log is made anew") {
  hub_with_client hub;
  const json leave{{"type", "unsubscribe"}, {"room", "lobby"}};
  caf::anon_send(hub.clients.at(1), hubbub::frame{leave.dump()});
  caf::anon_send(hub.clients.at(1), subscription_ended{first_subscription});
  hub.run();
  hub.db.sql("drop table messages; drop table hubbub_meta");
  hub.reconnect();
  hub.pass(1s);
  CHECK(hub.sink.closes == std::vector<std::uint16_t>{1012});
}

TEST_CASE("a table whose rows and ids are gone is a fork of the log, of which nothing survived") {
  hub_with_client hub;
  for (const auto* text : {"one", "two", "three"})
    hub.say(1, text);
  hub.run();
  hub.db.sql("delete from messages; delete from sqlite_sequence where name = 'messages'");
  hub.say(1, "four");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.closes.empty());
  CHECK(hub.sink.settled[1] == 4);
  REQUIRE(hub.sink.events(1, "fork").size() == 1);
  CHECK(hub.sink.events(1, "fork")[0]["after"] == 0);
  CHECK(hub.sink.known(1) == std::vector<row_id>{hub.sink.events(1, "fork")[0]["first"]});
  hub.enter(2);
  hub.run();
  CHECK(hub.sink.got[2][0]["history"][0]["text"] == "four");
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("rows of another hub between two of this hub are shown in their place") {
  hub_with_client hub;
  hub.store_elsewhere();
  hub.say(1, "mine");
  hub.run();
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.got[1][1]["text"] == "theirs");
}

TEST_CASE("rows of another hub are shown after its notice, once") {
  hub_with_client hub;
  hub.store_elsewhere(3);
  caf::anon_send(hub.persistence, log_advanced{3});
  caf::anon_send(hub.persistence, log_advanced{2});
  hub.run();
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2, 3});
  caf::anon_send(hub.persistence, log_advanced{1000}); // there is no such row
  hub.say(1, "mine");
  hub.run();
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2, 3, 4});
}

TEST_CASE("at most two pages of rows of other hubs are read and not yet shown") {
  hub_with_client hub;
  hub.sink.keeps_credit = true;
  hub.store_elsewhere(1);
  hub.db.sql("with recursive n(i) as (select 2 union all select i + 1 from n where i < 4500) "
             "insert into messages (text, connection_id, user_message_number, created_at) "
             "select 'theirs', connection_id, i, created_at from n, messages where id = 1");
  caf::anon_send(hub.persistence, log_advanced{4500});
  hub.run();
  CHECK(hub.sink.ids(1).size() == 2000);
  hub.say(1, "mine");
  hub.run();
  CHECK(hub.sink.settled[1] == 1); // stored, although not shown yet
  CHECK(hub.sink.ids(1).size() == 2000);
  for (int rounds = 0; rounds < 3; ++rounds) {
    hub.sink.credits.clear();
    hub.run();
  }
  CHECK(hub.sink.ids(1).size() == 4501);
  CHECK(hub.sink.ids(1).back() == 4501);
}

TEST_CASE("a drain is answered when everything before it is stored and with the sinks") {
  hub_with_client hub;
  hub.injected->unavailable = 2;
  hub.say(1, "late");
  hub.run();
  bool drained = false;
  hub.system.spawn(
      [&drained](caf::event_based_actor* self, const persistence_actor& store) {
        self->request(store, caf::infinite, drain_atom_v).then([&drained](bool all) {
          drained = all;
        });
      },
      hub.persistence);
  hub.scheduler.run(50);
  for (int i = 0; i < 10 && !drained; ++i)
    hub.pass(200ms);
  CHECK(drained);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
}
