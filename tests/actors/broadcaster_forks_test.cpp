// Forks of the log, as sessions see them: every one is told, and none misses a row that survived.
#include "tests/actors/broadcaster_stage.hpp"

using namespace test;

namespace {

/// The ids of the log after a cursor.
std::vector<row_id> ids_after(whole_hub& hub, row_id cursor) {
  std::vector<row_id> out;
  for (const auto& row :
       hub.db.sql("select id from messages where id > " + std::to_string(cursor) + " order by id"))
    out.push_back(std::stoll(row.at(0)));
  return out;
}

json fork_in_lobby(const log_fork& fork) {
  return {{"type", "fork"}, {"room", "lobby"}, {"after", fork.after}, {"first", fork.first}};
}

} // namespace

TEST_CASE("a live session is told of a fork, before any message that comes after it") {
  whole_hub hub;
  fill(hub, 60);
  hub.enter(1);
  hub.enter(2, {}, "den");
  hub.run();
  hub.lose_after(40);
  hub.say(99, "after the fork", "k");
  hub.run();
  REQUIRE(hub.injected->forks.size() == 1);
  const auto fork = hub.injected->forks[0];
  CHECK(fork.after == 40);
  CHECK(hub.sink.events(1, "fork") == std::vector<json>{fork_in_lobby(fork)});
  CHECK(hub.sink.events(2, "fork").at(0)["room"] == "den");
  CHECK(hub.sink.got[1].back()["id"] == fork.first);
  CHECK(hub.sink.known(1) == ids_after(hub, 10));
  CHECK(hub.sink.closes.empty());
  hub.enter(3);
  hub.run();
  CHECK_FALSE(hub.sink.got[3][0].contains("fork"));
  CHECK(hub.sink.known(3) == ids_after(hub, 0));
}

TEST_CASE("a client that resumes is told of the forks over its cursor, as one") {
  whole_hub hub;
  fill(hub, 60);
  hub.lose_after(40);
  hub.say(99, "between");
  hub.run();
  const auto one = hub.injected->forks.at(0);
  hub.lose_after(one.first);
  hub.say(99, "last");
  hub.run();
  const auto two = hub.injected->forks.at(1);
  auto init = [&, client = session_ref{0}](row_id after) mutable {
    hub.enter(++client, position{after, log_of(hub)});
    catch_up(hub, client);
    CHECK(hub.sink.got[client][0]["resumed"] == true);
    CHECK(hub.sink.known(client) == ids_after(hub, after));
    return hub.sink.got[client][0].value("fork", json());
  };
  const json both{{"after", one.after}, {"first", two.first}};
  CHECK(init(5) == both);
  CHECK(init(40) == both);
  CHECK(init(55) == both); // in the gap of the first fork
  CHECK(init(one.first - 1) == both);
  CHECK(init(one.first) == json{{"after", two.after}, {"first", two.first}});
  CHECK(init(one.first + 1000) == json{{"after", two.after}, {"first", two.first}});
  CHECK(init(two.first).is_null());
}

TEST_CASE("a cursor over the head or of another log is void after a fork as it is before") {
  whole_hub hub;
  fill(hub, 20);
  hub.lose_after(10);
  hub.say(99, "after the fork");
  hub.run();
  hub.enter(1, position{hub.injected->forks.at(0).first + 1, log_of(hub)});
  hub.enter(2, position{15, "another log"});
  hub.enter(3, position{-1, log_of(hub)});
  hub.run();
  for (session_ref client : {1, 2, 3}) {
    CHECK(hub.sink.got[client][0]["resumed"] == false);
    CHECK_FALSE(hub.sink.got[client][0].contains("fork"));
    CHECK(hub.sink.known(client) == ids_after(hub, 0));
  }
}

TEST_CASE("a cursor in the gap waits until the hub that is behind has passed the fork") {
  whole_hub hub;
  fill(hub, 5);
  const auto first = hub.fork_elsewhere(3, 100);
  hub.enter(1, position{50, log_of(hub)});
  hub.run();
  CHECK(hub.sink.got[1].empty());
  hub.reconnect();
  hub.run();
  CHECK(hub.sink.got[1].at(0)["resumed"] == true);
  CHECK(hub.sink.got[1].at(0)["fork"] == json{{"after", 3}, {"first", first}});
  CHECK(hub.sink.last[1].live);
}

TEST_CASE("a session that catches up is told by its next delivery, wherever it stands") {
  for (int pages = 0; pages < 8; ++pages) {
    whole_hub hub;
    fill(hub, 300);
    hub.enter(1, position{10, log_of(hub)});
    hub.run();
    for (int i = 0; i < pages && !hub.sink.last[1].live; ++i) {
      written(hub, 1);
      hub.run();
    }
    REQUIRE_FALSE(hub.sink.last[1].live);
    hub.lose_after(60);
    hub.reconnect();
    hub.run();
    CHECK(hub.sink.events(1, "fork").empty());
    hub.say(99, "after the fork");
    hub.run();
    const auto before = hub.sink.got[1].size();
    written(hub, 1);
    hub.run();
    CHECK(hub.sink.got[1].at(before) == fork_in_lobby(hub.injected->forks.at(0)));
    catch_up(hub, 1);
    CHECK(hub.sink.events(1, "fork").size() == 1);
    CHECK(hub.sink.known(1) == ids_after(hub, 10));
  }
}

TEST_CASE("whenever a fork comes, no session misses a row or keeps a lost one") {
  for (int steps = 0; steps < 60; ++steps) {
    whole_hub hub;
    fill(hub, 120);
    hub.enter(1, position{10, log_of(hub)});
    hub.enter(2, position{100, log_of(hub)});
    hub.enter(3);
    hub.enter(4, {}, "den");
    hub.say(99, "at that moment");
    hub.scheduler.run(std::size_t(steps));
    hub.lose_after(steps % 2 ? 50 : 115);
    hub.reconnect();
    hub.say(99, "meanwhile");
    hub.scheduler.run(std::size_t(steps) % 7);
    if (steps % 3 == 0) {
      hub.lose_after(steps % 2 ? 45 : 110);
      hub.reconnect();
    }
    for (int i = 0; i < 3; ++i) {
      hub.pass(1s);
      hub.say(99, "later");
    }
    for (session_ref client : {1, 2, 3, 4, 99})
      catch_up(hub, client);
    CAPTURE(steps);
    CHECK(hub.sink.known(1) == ids_after(hub, 10));
    CHECK(hub.sink.known(2) == ids_after(hub, 100));
    CHECK(hub.sink.known(99) == ids_after(hub, 0));
    auto all = hub.sink.known(3);
    const auto last = ids_after(hub, all.empty() ? 0 : all.front() - 1);
    CHECK(all == last);
    CHECK(hub.sink.events(99, "fork").size() == hub.injected->forks.size());
  }
}

TEST_CASE("a session that left the live fan-out before two forks keeps what survived the second") {
  whole_hub hub;
  fill(hub, 20);
  hub.lose_after(10);
  for (int i = 0; i < 3; ++i)
    hub.say(99, "on the second branch");
  hub.run();
  const auto first = hub.injected->forks.at(0).first;
  // It was told of the first fork in the live fan-out, which no delivery of it says.
  hub.sink.live.erase({99, 1});
  hub.lose_after(first + 1);
  hub.reconnect();
  hub.run();
  caf::anon_send(hub.clients.at(99), delivery_request{1, first + 2, 0});
  hub.say(99, "on the third branch");
  hub.run();
  catch_up(hub, 99);
  CHECK(hub.sink.known(99) == ids_after(hub, 0));
}

TEST_CASE("a page that was requested before the fork is requested again") {
  whole_hub hub;
  fill(hub, 200);
  hub.injected->unavailable = 1;
  hub.enter(1, position{10, log_of(hub)});
  hub.run();
  hub.lose_after(60);
  hub.reconnect();
  hub.run();
  hub.pass(1s);
  catch_up(hub, 1);
  CHECK(hub.sink.got[1][0].contains("fork"));
  CHECK(hub.sink.known(1) == ids_after(hub, 10));
}
