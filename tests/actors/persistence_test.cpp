#include "tests/actors/stage.hpp"

using namespace test;

TEST_CASE("whatever waits while a commit runs is the next batch") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  for (int i = 0; i < 5; ++i)
    hub.say(1, "m" + std::to_string(i));
  hub.run();
  CHECK(hub.what->appended == std::vector<std::size_t>{5});
  CHECK(hub.lane.batches == std::vector<std::size_t>{5});
  CHECK(hub.lane.ids(1) == std::vector<row_id>{1, 2, 3, 4, 5});
  CHECK(hub.lane.settled[1] == 5);
}

TEST_CASE("while the log is away nothing is shown, and all of it follows once, in order") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  hub.what->unavailable = 3;
  hub.say(1, "one");
  hub.scheduler.run(20);
  hub.say(1, "two");
  CHECK(hub.lane.ids(1).empty());
  while (hub.what->unavailable > 0) {
    CHECK(hub.lane.ids(1).empty());
    hub.pass(100ms);
  }
  hub.pass(1s);
  CHECK(hub.accepted->log_is_well());
  CHECK(hub.lane.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.lane.got[1].back()["user_message_number"] == 2);
  CHECK(hub.accepted->used() == 0);
}

TEST_CASE("a commit whose answer was lost is neither lost nor doubled") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  hub.what->lost_answers = 1;
  hub.say(1, "plain");
  hub.say(1, "keyed", "k");
  hub.run();
  hub.say(1, "later");
  hub.pass(1s);
  CHECK(hub.lane.ids(1) == std::vector<row_id>{1, 2, 3});
  CHECK(hub.db.value("select count(*) from messages") == "3");
  CHECK(hub.lane.settled[1] == 3);
  CHECK(hub.accepted->used() == 0);
}

TEST_CASE("a lost answer of a batch with a repeated key finds every draft again") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  hub.say(1, "first", "k");
  hub.run();
  hub.what->lost_answers = 1;
  hub.say(1, "repeat", "k");
  hub.say(1, "plain");
  hub.say(1, "keyed", "k2");
  hub.run();
  hub.pass(1s);
  CHECK(hub.lane.ids(1) == std::vector<row_id>{1, 2, 3});
  CHECK(hub.db.sql("select user_message_number from messages order by id") ==
        rows{{"1"}, {"2"}, {"3"}});
}

TEST_CASE("one poisonous message costs its neighbours nothing, and numbers have no hole") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  hub.what->poison = {"poison"};
  for (int i = 0; i < 50; ++i)
    hub.say(1, i == 23 ? "poison" : "m" + std::to_string(i));
  hub.run();
  CHECK(hub.db.value("select count(*) from messages") == "49");
  CHECK(hub.db.value("select max(user_message_number) from messages") == "49");
  CHECK(hub.lane.ids(1).size() == 49);
  CHECK(hub.lane.settled[1] == 50);
  const auto& got = hub.lane.got[1];
  CHECK(std::count_if(got.begin(), got.end(), [](const json& e) { return e["type"] == "error"; }) ==
        1);
  CHECK(hub.accepted->used() == 0);
}

TEST_CASE("rows that another hub wrote between are shown in their place") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  hub.db.sql("insert into messages (text, connection_id, user_message_number, created_at) values "
             "('theirs', "
             "'0a0b0c0d-0102-4304-8506-0708090a0b0c', 1, '2026-01-31 09:30:00')");
  hub.say(1, "mine");
  hub.run();
  CHECK(hub.lane.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.lane.got[1][1]["text"] == "theirs");
}

TEST_CASE("a drain is answered when everything before it is stored and with the lanes") {
  whole_hub hub;
  hub.enter(1);
  hub.run();
  hub.what->unavailable = 2;
  hub.say(1, "late");
  hub.run();
  bool drained = false;
  hub.system.spawn(
      [&drained](caf::event_based_actor* self, const persistence_actor& store) {
        self->request(store, caf::infinite, drain_atom_v).then([&drained](bool all) {
          drained = all;
        });
      },
      hub.store);
  hub.scheduler.run(50);
  for (int i = 0; i < 10 && !drained; ++i)
    hub.pass(200ms);
  CHECK(drained);
  CHECK(hub.lane.ids(1) == std::vector<row_id>{1});
}
