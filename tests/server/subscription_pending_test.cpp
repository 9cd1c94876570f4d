// Rooms that are subscribed to and left while nothing can be read: the thread that reads the past
// is stalled, or the database is away.
#include "tests/server/many_rooms.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/stall.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("subscriptions");

namespace {

/// The types of the next frames, presence excepted.
std::vector<std::string> next_types(ws_client& who, std::size_t count) {
  std::vector<std::string> types;
  while (types.size() < count)
    if (const std::string type = who.next()["type"]; type != "presence")
      types.push_back(type);
  return types;
}

/// The types of the frames up to the next pong, presence excepted. The hub has handled everything
/// that was sent before.
std::vector<std::string> types_until_pong(ws_client& who) {
  who.send_json({{"type", "ping"}});
  std::vector<std::string> types;
  for (;;) {
    const std::string type = who.next()["type"];
    if (type == "pong")
      return types;
    if (type != "presence")
      types.push_back(type);
  }
}

} // namespace

TEST_CASE("a room that is left before its answer gets unsubscribed alone") {
  sqlite db;
  hub hub{db};
  {
    visitor someone{hub, "?room=garden"};
    someone.say_all(numbered("message", 80));
    someone.hears_texts(80);
  }
  hub.kill();
  hub.start();
  visitor alice{hub};
  room_reader heard{alice};
  {
    const stall still{hub.server().pid(), "history"};
    for (int i = 0; i < 3; ++i)
      alice.send_all({subscribe("garden"), unsubscribe("garden")});
    heard.until_pong();
  }
  heard.until("the ends", [&] { return heard.ended.size() == 3; });
  heard.until_pong();
  CHECK(heard.answers.size() == 1);
  SUBCASE("and may be subscribed to again") {
    CHECK(alice.enter("garden")["history"].size() == 50);
  }
  SUBCASE("and may be subscribed to before the end has come") {
    std::vector<std::string> types;
    {
      const stall still{hub.server().pid(), "history"};
      alice.send_all({subscribe("cellar"), unsubscribe("cellar"), subscribe("cellar")});
      types = types_until_pong(alice);
    }
    while (types.size() < 2)
      types.push_back(next_types(alice, 1)[0]);
    CHECK(types == std::vector<std::string>{"unsubscribed", "subscribed"});
    alice.say_in("cellar", "x");
    CHECK(alice.hears()["text"] == "x");
  }
}

TEST_CASE("messages to a room that is left before its answer are stored and acknowledged") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  room_reader heard{alice};
  {
    const stall still{hub.server().pid(), "history"};
    alice.send_all({subscribe("garden"), message_in("garden", "one", "k1"),
                    message_in("garden", "two", "k2"), unsubscribe("garden"),
                    message_in("garden", "three", "k3")});
    heard.until_pong();
  }
  heard.until("the answers", [&] {
    return heard.acks.size() == 2 && heard.errors.size() == 1 && heard.ended.size() == 1;
  });
  heard.until_pong(); // the reader throws for a message without a subscription
  CHECK(heard.errors[0]["key"] == "k3");
  CHECK(heard.errors[0]["code"] == "not_subscribed");
  alice.send_json(subscribe("garden"));
  heard.until_each_has({"garden"}, 2); // an ack may come before its message is shown
  CHECK(heard.texts["garden"] == std::vector<std::string>{"one", "two"});
}

TEST_CASE("when the first room is left before init, init still comes first") {
  sqlite db;
  hub hub{db};
  std::optional<stall> still{std::in_place, hub.server().pid(), "history"};
  SUBCASE("and the connection stays open without a room") {
    ws_client alice{hub.port()};
    alice.send_json(unsubscribe("lobby"));
    alice.send_json({{"type", "ping"}});
    CHECK_FALSE(alice.has_next(300ms));
    still.reset();
    CHECK(alice.next()["type"] == "init");
    auto types = next_types(alice, 2);
    std::sort(types.begin(), types.end());
    CHECK(types == std::vector<std::string>{"pong", "unsubscribed"});
    alice.send_json(message_in("lobby", "x"));
    CHECK(next_types(alice, 1) == std::vector<std::string>{"error"});
  }
  SUBCASE("and answers for other rooms follow it") {
    ws_client alice{hub.port()};
    for (const auto& frame : {subscribe("garden"), unsubscribe("lobby"), subscribe("no room"),
                              message_in("garden", "x", "k"), subscribe("lobby")})
      alice.send_json(frame);
    CHECK_FALSE(alice.has_next(300ms));
    still.reset();
    CHECK(alice.next()["type"] == "init");
    std::map<std::string, int> counts;
    while (counts["subscribed"] < 2 || counts["ack"] < 1 || counts["unsubscribed"] < 1 ||
           counts["error"] < 1)
      ++counts[alice.next()["type"]];
    CHECK(counts["error"] == 1);
    CHECK(counts["init"] == 0);
  }
}

TEST_CASE("rooms that are subscribed to while the database is away come when it is back") {
  postgres db;
  hub hub{db};
  {
    visitor someone{hub, "?room=garden"};
    someone.say_all(numbered("message", 60));
    someone.hears_texts(60);
  }
  visitor alice{hub}, bob{hub};
  alice.enter("attic"); // so that its tail is there
  SUBCASE("hanging") {
    postgres::cluster().pause();
  }
  SUBCASE("killed") {
    postgres::cluster().kill();
  }
  alice.send_all({subscribe("garden"), subscribe("cellar"), unsubscribe("cellar"),
                  unsubscribe("attic"), subscribe("lobby")});
  room_reader heard{alice};
  heard.answers["attic"] = heard.answers["cellar"] = alice.init;
  heard.until("what needs no database", [&] { return !heard.errors.empty(); });
  CHECK(heard.errors[0]["code"] == "already_subscribed");
  CHECK_FALSE(heard.answers.contains("garden"));
  postgres::cluster().start();
  heard.until("the rest",
              [&] { return heard.ended.size() == 2 && heard.answers.contains("garden"); });
  CHECK(heard.texts["garden"].size() == 50);
  alice.say_in("garden", "now");
  heard.until("a live message", [&] { return heard.texts["garden"].back() == "now"; });
  bob.say("undisturbed");
  CHECK(bob.hears()["text"] == "undisturbed");
}

TEST_CASE("a client that ends while many of its rooms are being read leaves nothing behind") {
  sqlite db;
  hub hub{db};
  visitor bob{hub};
  for (int round = 0; round < 3; ++round) {
    visitor alice{hub};
    const stall still{hub.server().pid(), "history"};
    alice.send_all(subscriptions(room_names(99)));
    if (round % 2 == 0)
      alice.transport().reset();
  }
  eventually("its rooms to be empty", [&] {
    const auto info = fetch(hub.port(), "/ws-info").json();
    return info["active_connections"] == 1 && info["rooms_total"] == 1;
  });
  bob.send_all(subscriptions(room_names(99)));
  room_reader heard{bob};
  heard.until("the people of each room", [&] {
    return heard.online.size() == 100 &&
           std::all_of(heard.online.begin(), heard.online.end(),
                       [](const auto& room) { return room.second == 1; });
  });
}

TEST_SUITE_END();
