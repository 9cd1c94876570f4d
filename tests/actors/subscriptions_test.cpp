// Many rooms on one connection: subscribing, resuming, leaving, and what is refused.
#include "tests/actors/broadcaster_stage.hpp"

using namespace test;

namespace {

struct rooms_stage : whole_hub {
  rooms_stage() {
    enter(1);
    run();
  }

  void send(session_ref client, const json& frame) {
    caf::anon_send(clients.at(client), hubbub::frame{frame.dump()});
    run();
  }

  /// Plays the session: requests the first delivery of each new subscription, and confirms that
  /// subscriptions have ended.
  void play_sessions() {
    for (const auto& [session, of] : std::exchange(sink.subscribed, {}))
      caf::anon_send(clients.at(session), delivery_request{of});
    for (const auto& [session, of] : std::exchange(sink.left, {}))
      caf::anon_send(clients.at(session), subscription_ended{of});
    run();
  }

  void subscribe(session_ref client, const std::string& room, json more = json::object()) {
    more["type"] = "subscribe";
    more["room"] = room;
    send(client, more);
    play_sessions();
  }

  void unsubscribe(session_ref client, const std::string& room) {
    send(client, {{"type", "unsubscribe"}, {"room", room}});
    play_sessions();
  }

  void say_in(session_ref client, const std::string& room, const std::string& text) {
    send(client, {{"type", "message"}, {"room", room}, {"text", text}, {"key", text}});
  }

  std::vector<std::string> errors(session_ref of) {
    std::vector<std::string> out;
    for (const auto& event : sink.events(of, "error"))
      out.push_back(std::string(event["code"]) + " " + event.value("room", "-"));
    return out;
  }

  std::int64_t members() {
    std::int64_t out = -1;
    caf::scoped_actor self(system);
    self->send(broadcaster, room_stats_atom_v);
    run();
    self->receive([&out](const room_stats& stats) { out = stats.members; });
    return out;
  }
};

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a subscription gets the history of its room and then its messages, each with its room") {
  rooms_stage hub;
  hub.enter(2, {}, "den");
  hub.run();
  hub.say_in(2, "den", "before");
  hub.subscribe(1, "den");
  hub.say_in(2, "den", "after");
  hub.say_in(1, "lobby", "here");
  const auto greeting = hub.sink.events(1, "subscribed").at(0);
  CHECK(greeting["room"] == "den");
  CHECK(greeting["resumed"] == false);
  CHECK(greeting["log"] == hub.sink.got[1][0]["log"]);
  CHECK_FALSE(greeting.contains("missed"));
  REQUIRE(greeting["history"].size() == 1);
  CHECK(greeting["history"][0]["room"] == "den");
  const auto messages = hub.sink.events(1, "message");
  REQUIRE(messages.size() == 2);
  CHECK(messages[0]["room"] == "den");
  CHECK(messages[1]["room"] == "lobby");
  CHECK(hub.sink.events(2, "message").size() == 2);
}

TEST_CASE("messages to a room are accepted from the subscribe frame on, and numbered over all "
          "rooms of the connection") {
  rooms_stage hub;
  hub.say_in(1, "den", "early");
  CHECK(hub.errors(1) == strings{"not_subscribed den"});
  CHECK(hub.sink.events(1, "error")[0]["key"] == "early");
  hub.send(1, {{"type", "subscribe"}, {"room", "den"}});
  hub.say_in(1, "den", "one");
  hub.say_in(1, "lobby", "two");
  hub.play_sessions();
  hub.say_in(1, "den", "three");
  const auto acks = hub.sink.events(1, "ack");
  REQUIRE(acks.size() == 3);
  for (int i = 0; i < 3; ++i)
    CHECK(acks[std::size_t(i)]["user_message_number"] == i + 1);
  CHECK(acks[0]["room"] == "den");
  CHECK(acks[1]["room"] == "lobby");
  CHECK(hub.sink.settled[1] == 5);
}

TEST_CASE("a subscription resumes after its own cursor") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  for (int i = 0; i < 10; ++i)
    hub.say_in(1, i % 2 ? "den" : "lobby", std::to_string(i));
  const auto log = hub.sink.got[1][0]["log"];
  hub.enter(2, {}, "elsewhere");
  hub.run();
  hub.subscribe(2, "den", {{"after", 4}, {"log", log}});
  const auto greeting = hub.sink.events(2, "subscribed").at(0);
  CHECK(greeting["resumed"] == true);
  CHECK(greeting["history"].empty());
  CHECK(hub.sink.ids(2) == std::vector<row_id>{6, 8, 10});
  hub.say_in(1, "den", "live");
  CHECK(hub.sink.ids(2).back() == 11);
}

TEST_CASE("a subscription with many missed messages gets their number and the history") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  for (int i = 0; i < 120; ++i)
    hub.say_in(1, i % 3 ? "den" : "lobby", std::to_string(i)); // 80 in the den
  const auto log = hub.sink.got[1][0]["log"];
  session_ref client = 1;
  // The tail holds about 20 messages, and the database has the others.
  for (const row_id after : {0, 1, 60, 117, 119, 120}) {
    const auto missed = hub.db.value("select count(*) from messages where room = 'den' and id > " +
                                     std::to_string(after));
    for (const int most : {1, 2, 20, 39, 40, 79, 80, 1000}) {
      hub.enter(++client, {}, "elsewhere");
      hub.run();
      hub.subscribe(client, "den", {{"after", after}, {"log", log}, {"most", most}});
      while (!hub.sink.last[client].live) {
        caf::anon_send(hub.clients.at(client),
                       delivery_request{2, hub.sink.last[client].cursor, 0});
        hub.run();
      }
      CAPTURE(after);
      CAPTURE(most);
      const auto greeting = hub.sink.events(client, "subscribed").at(0);
      const bool resumed = std::stoi(missed) <= most;
      CHECK(greeting["resumed"] == resumed);
      CHECK(greeting.contains("missed") == !resumed);
      if (!resumed) {
        CHECK(std::to_string(int(greeting["missed"])) == missed);
        CHECK(greeting["history"].size() == 50);
      } else
        CHECK(std::to_string(hub.sink.events(client, "message").size()) == missed);
    }
  }
  CHECK(hub.injected->counts > 0);
}

TEST_CASE("a cursor of another log is not resumed, whatever was missed") {
  rooms_stage hub;
  hub.subscribe(1, "den",
                {{"after", 0}, {"log", "00000000-0000-4000-8000-000000000000"}, {"most", 5}});
  const auto greeting = hub.sink.events(1, "subscribed").at(0);
  CHECK(greeting["resumed"] == false);
  CHECK_FALSE(greeting.contains("missed"));
}

TEST_CASE("each refusal names its room, and leaves the connection as it was") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  hub.subscribe(1, "den");
  hub.subscribe(1, "lobby");
  hub.unsubscribe(1, "attic");
  hub.unsubscribe(1, "den");
  hub.unsubscribe(1, "den");
  hub.say_in(1, "den", "late");
  CHECK(hub.errors(1) == strings{"already_subscribed den", "already_subscribed lobby",
                                 "not_subscribed attic", "not_subscribed den",
                                 "not_subscribed den"});
  CHECK(hub.sink.events(1, "unsubscribed").size() == 1);
  CHECK(hub.sink.settled[1] == 7);
  CHECK(hub.members() == 1);
}

TEST_CASE("a connection has at most MAX_ROOMS rooms, and may change one for another at once") {
  rooms_stage hub;
  hub.context->max_rooms = 3;
  hub.enter(2);
  hub.run();
  for (const char* room : {"a", "b", "c"})
    hub.subscribe(2, room);
  CHECK(hub.errors(2) == strings{"too_many_rooms c"});
  hub.send(2, {{"type", "unsubscribe"}, {"room", "a"}});
  hub.send(2, {{"type", "subscribe"}, {"room", "c"}}); // before the session has left the room
  hub.play_sessions();
  CHECK(hub.errors(2).size() == 1);
  CHECK(hub.sink.events(2, "subscribed").size() == 3);
}

TEST_CASE("subscribing has a rate of its own, and leaving a room costs nothing") {
  rooms_stage hub;
  hub.context->rate = 1;
  hub.context->max_rooms = 4;
  hub.enter(2);
  hub.run();
  for (int i = 0; i < 4; ++i) {
    hub.subscribe(2, "a");
    hub.unsubscribe(2, "a");
  }
  CHECK(hub.errors(2).empty());
  hub.subscribe(2, "a");
  CHECK(hub.errors(2) == strings{"too_fast a"});
  for (int i = 0; i < 3; ++i) // these count as messages, of which two are in one go
    hub.unsubscribe(2, "a");
  CHECK(hub.errors(2) ==
        strings{"too_fast a", "not_subscribed a", "not_subscribed a", "too_fast a"});
  hub.scheduler.advance_time(1s);
  hub.subscribe(2, "a");
  CHECK(hub.errors(2).size() == 4);
}

TEST_CASE("presence counts a connection in each of its rooms, until it leaves or ends") {
  rooms_stage hub;
  CHECK(hub.members() == 1);
  hub.subscribe(1, "den");
  hub.subscribe(1, "attic");
  CHECK(hub.members() == 3);
  hub.unsubscribe(1, "lobby");
  CHECK(hub.members() == 2);
  hub.subscribe(1, "lobby");
  hub.send(1, {{"type", "subscribe"}, {"room", "cellar"}}); // the session has not asked for it yet
  CHECK(hub.members() == 3);
  caf::anon_send(hub.clients.at(1), closed_atom_v);
  hub.run();
  CHECK(hub.members() == 0);
}

TEST_CASE("the number of people comes for each subscription, and not after it has ended") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  hub.pass(1s);
  hub.pass(1s);
  auto told = hub.sink.events(1, "presence");
  REQUIRE(told.size() == 2);
  hub.unsubscribe(1, "den");
  hub.enter(2, {}, "den");
  hub.run();
  hub.pass(1s);
  CHECK(hub.sink.events(1, "presence").size() == 2);
}

TEST_CASE("an ack comes although its room was left before the commit") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  hub.injected->unavailable = 1;
  hub.say_in(1, "den", "last words");
  hub.unsubscribe(1, "den");
  hub.pass(1s);
  const auto acks = hub.sink.events(1, "ack");
  REQUIRE(acks.size() == 1);
  CHECK(acks[0]["room"] == "den");
  CHECK(hub.sink.events(1, "message").empty());
}

TEST_CASE("a message without a room goes to the first room, also after it was left and entered") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  hub.unsubscribe(1, "lobby");
  hub.say(1, "nowhere", "k");
  hub.run();
  CHECK(hub.errors(1) == strings{"not_subscribed lobby"});
  hub.subscribe(1, "lobby");
  hub.say(1, "here");
  hub.run();
  CHECK(hub.sink.events(1, "message").at(0)["room"] == "lobby");
}

TEST_CASE("a fork is told to each subscription") {
  rooms_stage hub;
  hub.subscribe(1, "den");
  for (int i = 0; i < 5; ++i)
    hub.say_in(1, "den", std::to_string(i));
  hub.lose_after(3);
  hub.say_in(1, "den", "after the loss");
  hub.pass(1s);
  const auto forks = hub.sink.events(1, "fork");
  REQUIRE(forks.size() == 2);
  CHECK(forks[0]["room"] != forks[1]["room"]);
}
