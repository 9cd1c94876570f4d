// Batches that the log refuses, objects to, or takes too long for: the draft at fault is found and
// refused, and the other drafts are stored.
#include "tests/actors/stage.hpp"

#include <algorithm>

using namespace test;

TEST_CASE(
    "the other drafts of a batch with a refused one are stored, and their numbers have no gap") {
  hub_with_client hub;
  hub.injected->poison = {"poison"};
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

TEST_CASE("another message with a key that is taken is refused as the fault of its client") {
  hub_with_client hub;
  hub.enter(2, {}, "den");
  hub.run();
  hub.say(1, "text", "k");
  hub.run();
  hub.say(1, "another text", "k");
  hub.say(2, "text", "k");
  hub.say(2, "more");
  hub.say(2, "more", "k2");
  hub.say(2, "other", "k2");
  hub.run();
  for (const auto& [client, key, room] : {std::tuple{1, "k", "lobby"}, {2, "k", "den"}}) {
    const auto errors = hub.sink.events(client, "error");
    REQUIRE_FALSE(errors.empty());
    CHECK(errors[0] == json{{"type", "error"},
                            {"message", "another message has this key"},
                            {"code", "key_conflict"},
                            {"room", room},
                            {"key", key}});
  }
  CHECK(hub.sink.events(1, "error").size() == 1);
  CHECK(hub.sink.events(2, "error").size() == 2);
  CHECK(hub.sink.events(2, "error")[1]["key"] == "k2");
  CHECK(hub.sink.refused[1] == 1);
  CHECK(hub.sink.refused[2] == 2);
  CHECK(hub.sink.settled[1] == 2);
  CHECK(hub.sink.settled[2] == 4);
  CHECK(hub.db.sql("select text, user_message_number from messages order by id") ==
        rows{{"text", "1"}, {"more", "1"}, {"more", "2"}});
  CHECK(hub.counters->sum()[counter::stored] == 3);
  CHECK(hub.counters->sum()[counter::found] == 0);
  CHECK(hub.context->counters->sum()[counter::refused + std::size_t(refusal_code::key_conflict)] ==
        3);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE(
    "drafts that the log objects to are refused when the log is proven writable, and no others") {
  hub_with_client hub;
  hub.injected->objectionable = {"poison"};
  for (int i = 0; i < 50; ++i)
    hub.say(1, i == 23 || i == 24 ? "poison" : "m" + std::to_string(i));
  hub.run();
  CHECK(hub.db.value("select count(*) from messages") == "48");
  CHECK(hub.db.value("select max(user_message_number) from messages") == "48");
  CHECK(hub.sink.ids(1).size() == 48);
  CHECK(hub.sink.settled[1] == 50);
  CHECK(hub.injected->appended.size() < 40);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a draft that the log objected to is tried alone after the log is proven writable") {
  hub_with_client hub;
  hub.injected->objections = 2;
  hub.say(1, "m");
  hub.run();
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
  CHECK(hub.injected->appended.size() == 3);
}

TEST_CASE("a batch that takes too long is halved until it does not") {
  hub_with_client hub;
  hub.injected->max_drafts_in_time = 10;
  for (int i = 0; i < 50; ++i)
    hub.say(1, "m" + std::to_string(i));
  for (int i = 0; i < 10; ++i)
    hub.pass(1s);
  CHECK(hub.sink.ids(1).size() == 50);
  CHECK(hub.db.value("select max(user_message_number) from messages") == "50");
  CHECK(hub.sink.settled[1] == 50);
}

TEST_CASE("a single draft that takes too long is kept") {
  hub_with_client hub;
  hub.injected->max_drafts_in_time = 0;
  hub.say(1, "m");
  hub.pass(10s);
  CHECK(hub.sink.settled[1] == 0);
  CHECK_FALSE(hub.ingress->log().available());
  hub.injected->max_drafts_in_time = 1;
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
}

TEST_CASE("a draft that the log objects to waits while the log fails its check") {
  hub_with_client hub;
  hub.injected->objectionable = {"m"};
  hub.injected->check_fails = true;
  hub.say(1, "m");
  hub.pass(1s);
  CHECK(hub.sink.settled[1] == 0);
  CHECK_FALSE(hub.ingress->log().available());
  hub.injected->objectionable.clear();
  hub.injected->check_fails = false;
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
  CHECK(hub.sink.settled[1] == 1);
}

TEST_CASE("after a refusal that ends an outage the other drafts are stored") {
  hub_with_client hub;
  hub.injected->poison = {"poison"};
  hub.injected->unavailable = 1;
  for (const auto* text : {"one", "poison", "two"})
    hub.say(1, text);
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.settled[1] == 3);
  CHECK(hub.ingress->log().available());
}
