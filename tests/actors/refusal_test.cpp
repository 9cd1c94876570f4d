// What the log refuses, objects to or takes too long for: a draft is found and refused, and its
// neighbours are stored.
#include "tests/actors/stage.hpp"

#include <algorithm>

using namespace test;

TEST_CASE("one poisonous message costs its neighbours nothing, and numbers have no hole") {
  hub_with_client hub;
  hub.what->poison = {"poison"};
  for (int i = 0; i < 50; ++i)
    hub.say(1, i == 23 ? "poison" : "m" + std::to_string(i));
  hub.run();
  CHECK(hub.db.value("select count(*) from messages") == "49");
  CHECK(hub.db.value("select max(user_message_number) from messages") == "49");
  CHECK(hub.sink.ids(1).size() == 49);
  CHECK(hub.sink.settled[1] == 50);
  const auto& got = hub.sink.got[1];
  CHECK(std::count_if(got.begin(), got.end(), [](const json& e) { return e["type"] == "error"; }) ==
        1);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("what the log objects to is refused when the log is found good, and nothing else is") {
  hub_with_client hub;
  hub.what->objectionable = {"poison"};
  for (int i = 0; i < 50; ++i)
    hub.say(1, i == 23 || i == 24 ? "poison" : "m" + std::to_string(i));
  hub.run();
  CHECK(hub.db.value("select count(*) from messages") == "48");
  CHECK(hub.db.value("select max(user_message_number) from messages") == "48");
  CHECK(hub.sink.ids(1).size() == 48);
  CHECK(hub.sink.settled[1] == 50);
  CHECK(hub.what->appended.size() < 40);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("what the log objected to has a try of its own after the log is found good") {
  hub_with_client hub;
  hub.what->objections = 2;
  hub.say(1, "m");
  hub.run();
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
  CHECK(hub.what->appended.size() == 3);
}

TEST_CASE("a batch that takes too long is halved until it does not") {
  hub_with_client hub;
  hub.what->quick = 10;
  for (int i = 0; i < 50; ++i)
    hub.say(1, "m" + std::to_string(i));
  for (int i = 0; i < 10; ++i)
    hub.pass(1s);
  CHECK(hub.sink.ids(1).size() == 50);
  CHECK(hub.db.value("select max(user_message_number) from messages") == "50");
  CHECK(hub.sink.settled[1] == 50);
}

TEST_CASE("one message that takes too long is kept") {
  hub_with_client hub;
  hub.what->quick = 0;
  hub.say(1, "m");
  hub.pass(10s);
  CHECK(hub.sink.settled[1] == 0);
  CHECK_FALSE(hub.ingress->log().available());
  hub.what->quick = 1;
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
}

TEST_CASE("what the log objects to waits for a log that is not good") {
  hub_with_client hub;
  hub.what->objectionable = {"m"};
  hub.what->sick = true;
  hub.say(1, "m");
  hub.pass(1s);
  CHECK(hub.sink.settled[1] == 0);
  CHECK_FALSE(hub.ingress->log().available());
  hub.what->objectionable.clear();
  hub.what->sick = false;
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
  CHECK(hub.sink.settled[1] == 1);
}

TEST_CASE("a refusal that ends an outage leaves the others waiting for nothing") {
  hub_with_client hub;
  hub.what->poison = {"poison"};
  hub.what->unavailable = 1;
  for (const auto* text : {"one", "poison", "two"})
    hub.say(1, text);
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.settled[1] == 3);
  CHECK(hub.ingress->log().available());
}
