// Many rooms on one connection: subscribing, leaving and writing, without any fault.
#include "tests/server/many_rooms.hpp"
#include "tests/server/shape.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("subscriptions");

namespace {

const std::string composed = "caf\xC3\xA9", decomposed = "cafe\xCC\x81";

/// The next frame of any type but presence, as the hub wrote it.
std::string next_bytes(visitor& who) {
  for (;;)
    if (auto text = who.next_text(); !text.starts_with(R"({"type":"presence",)"))
      return text;
}

/// The bytes with the value of each of these fields replaced by a point.
std::string without(std::string bytes, const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (const auto at = bytes.find('"' + name + "\":"); at != bytes.npos) {
      const auto value = at + name.size() + 3;
      bytes.replace(value, bytes.find_first_of(",}", value) - value, ".");
    }
  return bytes;
}

} // namespace

TEST_CASE_TEMPLATE("a room that is added gets its history, and then live messages", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub, "?room=garden"}, bob{hub};
  alice.say_all(numbered("message", 60));
  alice.hears_texts(60);
  const auto answer = bob.enter("garden");
  CHECK(fields(answer) == std::set<std::string>{"type", "room", "log", "resumed", "history"});
  CHECK(answer["room"] == "garden");
  CHECK(answer["log"] == bob.init["log"]);
  CHECK(answer["resumed"] == false);
  const auto all = numbered("message", 60);
  CHECK(each<std::string>(answer["history"], "text") ==
        std::vector<std::string>{all.begin() + 10, all.end()});
  CHECK(answer["history"] == visitor{hub, "?room=garden"}.init["history"]);
  alice.say("now");
  CHECK(alice.hears() == bob.hears());
  bob.say("in the first room");
  CHECK(bob.hears()["room"] == "lobby");
}

TEST_CASE("every frame about a room names it, and has its fields in their order") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  const std::string log = alice.init["log"];
  alice.send_json(subscribe("b"));
  CHECK(next_bytes(alice) ==
        R"({"type":"subscribed","history":[],"room":"b","log":")" + log + R"(","resumed":false})");
  alice.say_in("b", "x", "k");
  std::vector<std::string> both{next_bytes(alice), next_bytes(alice)};
  std::sort(both.begin(), both.end());
  CHECK(both[0] == R"({"type":"ack","key":"k","room":"b","id":1,"user_message_number":1})");
  const auto shown = without(both[1], {"created_at"});
  CHECK(shown == R"({"type":"message","id":1,"room":"b","text":"x","connection_id":")" +
                     alice.id() + R"(","user_message_number":1,"created_at":.})");
  alice.send_json(unsubscribe("b"));
  CHECK(next_bytes(alice) == R"({"type":"unsubscribed","room":"b"})");
  alice.say_in("b", "y", "l");
  CHECK(without(next_bytes(alice), {"message"})
            .ends_with(R"(,"code":"not_subscribed","room":"b","key":"l"})"));
  alice.send_json(subscribe("b", cursor(0, log)));
  CHECK(next_bytes(alice) ==
        R"({"type":"subscribed","history":[],"room":"b","log":")" + log + R"(","resumed":true})");
  CHECK(without(next_bytes(alice), {"created_at"}) == shown);
  CHECK(fetch(hub.port(), "/messages?room=b").json()["messages"][0]["room"] == "b");
}

TEST_CASE("a client of one room sees nothing new but the field room") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("x", "k");
  std::vector<json> both{alice.hears_any(), alice.hears_any()};
  if (both[0]["type"] == "message")
    std::swap(both[0], both[1]);
  CHECK(fields(both[0]) ==
        std::set<std::string>{"type", "key", "room", "id", "user_message_number"});
  CHECK(fields(both[1]) == message_fields);
  alice.say("", "k");
  const auto error = alice.gets("error");
  CHECK(fields(error) == std::set<std::string>{"type", "message", "code", "room", "key"});
  CHECK(error["room"] == "lobby");
  visitor bob{hub};
  CHECK(fields(bob.init) ==
        std::set<std::string>{"type", "connection_id", "history", "room", "log", "resumed"});
  CHECK(bob.init["history"] == json{both[1]});
}

TEST_CASE("nothing of a room follows its unsubscribed") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=garden"}, bob{hub};
  bob.enter("garden");
  room_reader heard{bob};
  heard.answers["garden"] = alice.init;
  heard.until("both people", [&] { return heard.online["garden"] == 2; });
  bob.send_json(unsubscribe("garden"));
  heard.until("the end", [&] { return !heard.ended.empty(); });
  alice.say_all(numbered("unheard", 20));
  alice.hears_texts(20);
  while (alice.presence() != 1) { // bob would get this number too
  }
  bob.say("after it");
  heard.until("a message of the other room", [&] { return !heard.texts["lobby"].empty(); });
  heard.until_pong(); // the reader throws if anything of the garden came
  CHECK(heard.texts["garden"].empty());
  const auto again = bob.enter("garden");
  CHECK(each<std::string>(again["history"], "text") == numbered("unheard", 20));
}

TEST_CASE("a connection may leave its first room, and all rooms") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=garden"};
  CHECK(alice.leave_room("garden") == json{{"type", "unsubscribed"}, {"room", "garden"}});
  alice.say("to nobody", "k");
  auto error = alice.gets("error");
  CHECK(error["code"] == "not_subscribed");
  CHECK(error["room"] == "garden");
  CHECK(error["key"] == "k");
  alice.send_json({{"type", "ping"}});
  CHECK(alice.gets("pong") == json{{"type", "pong"}});
  CHECK(fetch(hub.port(), "/ws-info").json()["active_connections"] == 1);
  CHECK(alice.enter("attic")["room"] == "attic");
  alice.say_in("attic", "one");
  CHECK(alice.hears()["user_message_number"] == 1);
  CHECK(alice.enter("garden")["history"].empty());
  alice.say("two"); // the room that the connection was opened with
  const auto message = alice.hears();
  CHECK(message["room"] == "garden");
  CHECK(message["user_message_number"] == 2);
}

TEST_CASE("messages are accepted from the subscribe frame on, and shown once") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  room_reader heard{alice};
  const auto rooms = room_names(50);
  std::vector<json> frames;
  for (const auto& room : rooms) {
    frames.push_back(subscribe(room));
    frames.push_back(message_in(room, "the first in " + room, room));
  }
  alice.send_all(frames);
  heard.until_each_has(rooms, 1);
  heard.until("the acks", [&] { return heard.acks.size() == 50; });
  heard.until_pong();
  for (const auto& room : rooms)
    CHECK(heard.texts[room] == std::vector{"the first in " + room});
  for (const auto& ack : heard.acks)
    CHECK(ack["room"] == ack["key"]);
  CHECK(heard.errors.empty());
}

TEST_CASE("acks of messages that were accepted before the unsubscribe still come") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub, "?room=garden"};
  room_reader heard{alice};
  alice.enter("garden");
  std::vector<json> frames;
  for (const auto& text : numbered("message", 30))
    frames.push_back(message_in("garden", text, text));
  frames.push_back(unsubscribe("garden"));
  frames.push_back(message_in("garden", "too late", "late"));
  heard.answers["garden"] = bob.init;
  alice.send_all(frames);
  heard.until("the acks", [&] { return heard.acks.size() == 30 && !heard.errors.empty(); });
  CHECK(heard.ended.size() == 1);
  CHECK(heard.errors[0]["key"] == "late");
  CHECK(bob.hears_texts(30) == numbered("message", 30));
}

TEST_CASE("numbers run over the whole connection, in the order of its messages") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  const auto rooms = room_names(7);
  auto frames = subscriptions(rooms);
  for (int i = 0; i < 210; ++i)
    frames.push_back(message_in(rooms[std::size_t(i * i) % 7], "x", std::to_string(i)));
  alice.send_all(frames);
  room_reader heard{alice};
  heard.until("the acks", [&] { return heard.acks.size() == 210; });
  for (int i = 0; i < 210; ++i) {
    CHECK(heard.acks[std::size_t(i)]["key"] == std::to_string(i));
    CHECK(heard.acks[std::size_t(i)]["user_message_number"] == i + 1);
  }
}

TEST_CASE("equivalent Unicode forms of a name are one room of a connection") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub, "?room=caf%C3%A9"};
  CHECK(alice.enter(decomposed)["room"] == composed);
  alice.send_json(subscribe(composed));
  CHECK(alice.gets("error")["room"] == composed);
  alice.say_in(decomposed, "hello");
  CHECK(bob.hears() == alice.hears());
  alice.send_json(subscribe(decomposed));
  CHECK(alice.gets("error")["room"] == composed);
  CHECK(alice.leave_room(decomposed)["room"] == composed);
}

TEST_SUITE_END();
