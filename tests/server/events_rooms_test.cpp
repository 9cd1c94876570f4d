// Server-sent events: several rooms on one line, and the ids up to which all of them are complete.
#include "tests/server/events.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/server/publication.hpp"
#include "tests/support/sqlite.hpp"

#include <set>

using namespace test;

TEST_SUITE_BEGIN("events");

namespace {

std::string query_of(const std::vector<std::string>& rooms) {
  std::string out;
  for (const auto& room : rooms)
    out += (out.empty() ? "?room=" : "&room=") + room;
  return out;
}

/// The number in an id.
std::int64_t number_in(const std::string& id) {
  return std::stoll(id.substr(id.rfind(':') + 1));
}

} // namespace

TEST_CASE("a line of several rooms has an init, and a subscribed for each further room") {
  sqlite db;
  hub hub{db};
  const auto rooms = room_names(20);
  visitor alice{hub, "?room=room-1"};
  alice.send_all(subscriptions({rooms.begin() + 1, rooms.end()}));
  for (std::size_t i = 1; i < rooms.size(); ++i)
    alice.gets("subscribed");
  alice.send_all(messages(rooms, "before"));
  std::int64_t newest = 0;
  for (std::size_t i = 0; i < rooms.size(); ++i)
    newest = std::max(newest, alice.hears()["id"].get<std::int64_t>());
  event_line line{hub, query_of(rooms)};
  const auto init = line.gets("init");
  CHECK(init["room"] == "room-1");
  CHECK(line.last.id == event_id(init, newest));
  std::set<std::string> told;
  while (told.size() < rooms.size() - 1) {
    const auto answer = line.gets("subscribed");
    CHECK(answer["history"].size() == 1);
    CHECK(answer["log"] == init["log"]);
    told.insert(answer["room"].get<std::string>());
  }
  CHECK_FALSE(told.contains("room-1"));
  alice.send_all(messages(rooms, "live"));
  std::map<std::string, std::string> texts;
  while (texts.size() < rooms.size()) {
    const auto message = line.gets("message");
    texts[message["room"]] = message["text"];
    newest = std::max(newest, message["id"].get<std::int64_t>());
  }
  for (const auto& [room, text] : texts)
    CHECK(text == "live");
  line.until_id(event_id(init, newest));
  CHECK(line.stream.lone_ids() > 0);
}

TEST_CASE("in a quiet hub each message brings the id of a line of several rooms to its own") {
  sqlite db;
  hub hub{db, {{"THREADS", "1"}}};
  event_line line{hub, "?room=a&room=b"};
  const auto init = line.gets("init");
  line.gets("subscribed");
  for (const auto* text : {"one", "two", "three"}) {
    const auto stored = publish(hub, {{"room", "a"}, {"text", text}});
    REQUIRE(stored.status == 201);
    CHECK(line.gets("message")["text"] == text);
    line.until_id(event_id(init, published<std::int64_t>(stored, "id").at(0)));
  }
}

TEST_CASE("a line of several rooms that breaks at any event misses nothing") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", "65536"}}};
  const auto rooms = room_names(5);
  visitor alice{hub, "?room=room-1"};
  alice.send_all(subscriptions({rooms.begin() + 1, rooms.end()}));
  for (std::size_t i = 1; i < rooms.size(); ++i)
    alice.gets("subscribed");
  std::map<std::string, std::set<std::int64_t>> expected, got;
  auto line = std::make_unique<event_line>(hub, query_of(rooms));
  line->gets("init");
  for (std::size_t i = 1; i < rooms.size(); ++i)
    line->gets("subscribed");
  auto id = line->stream.last_id();
  constexpr int waves = 60;
  std::size_t repeats = 0;
  std::map<std::string, std::int64_t> last;
  for (int wave = 0; wave < waves; ++wave) {
    for (int i = 0; i < 10; ++i)
      alice.send_all(messages(rooms, std::string(200, 'x')));
    for (std::size_t i = 0; i < 10 * rooms.size(); ++i) {
      const auto message = alice.hears();
      expected[message["room"]].insert(message["id"].get<std::int64_t>());
    }
    // Reads some of the events, and comes back.
    for (int i = 0; i < wave; ++i) {
      const auto event = line->next();
      REQUIRE(event);
      if (event->type != "message")
        continue;
      const auto message = json::parse(event->data);
      const std::string room = message["room"];
      const std::int64_t number = message["id"];
      CHECK(last[room] < number); // in order, since this line was opened
      last[room] = number;
      repeats += !got[room].insert(number).second;
      line->stream.take_lone_ids();
      const auto next = line->stream.last_id();
      // Everything up to the id was read.
      for (const auto& name : rooms)
        for (const auto each : expected[name])
          if (each <= number_in(next) && each > number_in(id))
            REQUIRE(got[name].contains(each));
      id = next;
    }
    id = line->stream.last_id();
    line = std::make_unique<event_line>(hub, query_of(rooms), headers{{"Last-Event-ID", id}});
    last.clear();
    CHECK(line->gets("init")["resumed"] == true);
  }
  const auto complete = [&] {
    for (const auto& room : rooms)
      if (got[room].size() < expected[room].size())
        return false;
    return true;
  };
  while (!complete()) {
    const auto event = line->next();
    REQUIRE(event);
    if (event->type == "message") {
      const auto message = json::parse(event->data);
      repeats += !got[message["room"]].insert(message["id"].get<std::int64_t>()).second;
    }
  }
  CHECK(got == expected);
  MESSAGE(repeats << " messages were repeated");
}

TEST_CASE("each room counts the line, and tells it of presence") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=b"};
  event_line line{hub, "?room=a&room=b"};
  line.gets("init");
  line.gets("subscribed");
  std::map<std::string, int> online;
  while (online["a"] != 1 || online["b"] != 2) {
    const auto event = line.gets("presence");
    online[event["room"]] = event["online"];
  }
  const auto info = fetch(hub.port(), "/ws-info").json();
  CHECK(info["active_connections"] == 2);
  CHECK(info["subscriptions"] == 3);
  auto list = fetch(hub.port(), "/ws-info?connections=1").json()["connections"];
  std::set<std::string> transports;
  for (const auto& one : list)
    transports.insert(one["transport"].get<std::string>());
  CHECK(transports == std::set<std::string>{"events", "websocket"});
}

TEST_SUITE_END();
