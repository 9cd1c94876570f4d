// Forks of the log, as persistence handles them: what is shown, stored and counted.
#include "tests/actors/stage.hpp"

using namespace test;

namespace {

std::vector<std::string> texts(whole_hub& hub, session_ref of) {
  std::vector<std::string> out;
  for (const auto& event : hub.sink.events(of, "message"))
    out.push_back(event["text"]);
  return out;
}

std::optional<fork_report> last_fork(whole_hub& hub) {
  return hub.ingress->log().last_fork();
}

} // namespace

TEST_CASE("messages that wait are stored after the fork, and numbers of lost ones are not reused") {
  hub_with_client hub;
  for (const auto* text : {"one", "two", "three"})
    hub.say(1, text, text);
  hub.run();
  hub.lose_after(1);
  hub.say(1, "four", "four");
  hub.say(1, "three", "three"); // was acked, is lost, and is sent again
  hub.say(1, "one", "one");     // was acked, and survived
  hub.run();
  const auto first = hub.injected->forks.at(0).first;
  CHECK(hub.db.sql("select id, text, user_message_number from messages order by id") ==
        rows{{"1", "one", "1"},
             {std::to_string(first), "four", "4"},
             {std::to_string(first + 1), "three", "5"}});
  const auto acks = hub.sink.events(1, "ack");
  REQUIRE(acks.size() == 6);
  CHECK(acks[3]["id"] == first);
  CHECK(acks[5]["id"] == 1);
  CHECK(hub.sink.settled[1] == 6);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a hub that stood still shows the rows that survived, and then those after the fork") {
  hub_with_client hub;
  hub.say(1, "mine");
  hub.run();
  hub.store_elsewhere(9);
  const auto first = hub.fork_elsewhere(6, 10);
  hub.store_elsewhere(2);
  SUBCASE("it hears of new rows") {
    caf::anon_send(hub.persistence, log_advanced{first + 1});
  }
  SUBCASE("it has a new connection") {
    hub.reconnect();
  }
  SUBCASE("it stores a message") {
    hub.say(1, "late");
  }
  SUBCASE("it stores a message, and the append does not notice") {
    hub.injected->append_is_blind = true;
    hub.say(1, "late");
  }
  hub.run();
  REQUIRE(hub.sink.events(1, "fork").size() == 1);
  CHECK(hub.sink.events(1, "fork")[0]["first"] == first);
  const std::vector<row_id> expected{1, 2, 3, 4, 5, 6, first, first + 1};
  auto ids = hub.sink.ids(1);
  REQUIRE(ids.size() >= expected.size());
  ids.resize(expected.size());
  CHECK(ids == expected);
  REQUIRE(last_fork(hub));
  CHECK(last_fork(hub)->lost_at_most == 0);
}

TEST_CASE("the first message after the fork of another hub is shown after the fork") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.say(1, "two");
  hub.run();
  const auto first = hub.fork_elsewhere(1, 2);
  hub.injected->append_is_blind = true;
  hub.say(1, "three");
  hub.run();
  const auto& got = hub.sink.got[1];
  REQUIRE(got.size() >= 2);
  CHECK(got[got.size() - 2]["type"] == "fork");
  CHECK(got.back()["id"] == first);
  CHECK(got.back()["user_message_number"] == 3);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("two forks at once, and a fork of a fork, leave exactly what survived") {
  hub_with_client hub;
  for (int i = 0; i < 9; ++i)
    hub.say(1, "m");
  hub.run();
  const auto one = hub.fork_elsewhere(4, 9);
  hub.store_elsewhere(4);
  const auto two = hub.fork_elsewhere(one + 1, one + 3);
  hub.store_elsewhere(1);
  hub.reconnect();
  hub.run();
  CHECK(hub.sink.known(1) == std::vector<row_id>{1, 2, 3, 4, one, one + 1, two});
  CHECK(hub.sink.events(1, "fork").size() == 2);
  REQUIRE(last_fork(hub));
  CHECK(last_fork(hub)->fork == log_fork{4, two});
  CHECK(last_fork(hub)->lost_at_most == 5);
  const auto three = hub.fork_elsewhere(2, two);
  hub.say(1, "last");
  hub.run();
  CHECK(hub.sink.known(1) == std::vector<row_id>{1, 2, three});
}

TEST_CASE("pages of other hubs' rows that are in flight at the fork are followed by the fork") {
  hub_with_client hub;
  hub.sink.keeps_credit = true;
  hub.store_elsewhere(1);
  hub.db.sql("with recursive n(i) as (select 2 union all select i + 1 from n where i < 4500) "
             "insert into messages (text, connection_id, user_message_number, created_at) "
             "select 'theirs', connection_id, i, created_at from n, messages where id = 1");
  hub.elsewhere = 4500;
  caf::anon_send(hub.persistence, log_advanced{4500});
  hub.run();
  REQUIRE(hub.sink.ids(1).size() == 2000);
  row_id survived = 0;
  SUBCASE("what is in flight survived") {
    survived = 2100;
  }
  SUBCASE("what is in flight is lost in part") {
    survived = 1500;
  }
  hub.fork_elsewhere(survived, 4500);
  hub.store_elsewhere(2);
  hub.reconnect();
  hub.run();
  for (int rounds = 0; rounds < 5; ++rounds) {
    hub.sink.credits.clear();
    hub.run();
  }
  CHECK(hub.sink.known(1).size() == std::size_t(survived) + 2);
  CHECK(hub.sink.events(1, "fork").size() == 1);
}

TEST_CASE("a log that fails while it is opened after a fork is opened when it is back") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.say(1, "two");
  hub.run();
  hub.lose_after(1);
  hub.say(1, "three");
  hub.scheduler.run(3);
  hub.injected->unavailable = 3;
  hub.run();
  for (int i = 0; i < 10; ++i)
    hub.pass(500ms);
  CHECK(hub.sink.events(1, "fork").size() == 1);
  CHECK(texts(hub, 1) == std::vector<std::string>{"one", "two", "three"});
  CHECK(hub.ingress->log().available());
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a log that says again and again that it has forked is opened with pauses") {
  hub_with_client hub;
  hub.injected->forked_calls = 20;
  const auto before = hub.injected->opens;
  hub.say(1, "one");
  hub.run(); // would never end if each attempt followed at once
  CHECK(hub.injected->opens - before < 5);
  for (int i = 0; i < 30; ++i)
    hub.pass(500ms);
  CHECK(texts(hub, 1) == std::vector<std::string>{"one"});
  CHECK(hub.sink.events(1, "fork").empty());
}

TEST_CASE("a commit whose answer is lost together with its rows is stored after the fork, once") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.run();
  hub.injected->lost_answers = 1;
  hub.say(1, "two", "k");
  hub.run();
  hub.lose_after(1);
  hub.pass(1s);
  hub.pass(1s);
  CHECK(hub.db.value("select count(*) from messages where text = 'two'") == "1");
  CHECK(hub.sink.events(1, "ack").at(0)["id"] == hub.injected->forks.at(0).first);
  CHECK(hub.sink.known(1).size() == 2);
}

TEST_CASE("an idle hub finds a fork when its connection to the other hubs is new") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.say(1, "two");
  hub.run();
  hub.lose_after(1);
  hub.pass(1s);
  CHECK(hub.sink.events(1, "fork").empty());
  hub.reconnect();
  hub.run();
  CHECK(hub.sink.events(1, "fork").size() == 1);
  CHECK(hub.sink.known(1) == std::vector<row_id>{1});
}

TEST_CASE("a drain ends although what it waits for is lost") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.run();
  hub.lose_after(0);
  hub.say(1, "two");
  bool drained = false;
  hub.system.spawn(
      [&drained](caf::event_based_actor* self, const persistence_actor& store) {
        self->request(store, caf::infinite, drain_atom_v).then([&drained](bool all) {
          drained = all;
        });
      },
      hub.persistence);
  hub.run();
  CHECK(drained);
  CHECK(hub.sink.known(1) == std::vector<row_id>{hub.injected->forks.at(0).first});
}
