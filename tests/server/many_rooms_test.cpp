// Many rooms at once on one connection: who is in them, over several hubs, compressed and over TLS.
#include "tests/server/exposition.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/server/secure_hub.hpp"
#include "tests/support/postgres.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("many rooms");

TEST_CASE("clients of a room get the number of its subscriptions, in each of many rooms") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  room_reader heard{alice};
  alice.send_all(subscriptions(room_names(20)));
  visitor bob{hub, "?room=room-3"};
  bob.enter("room-5");
  const auto counts = [&](int third, int fifth) {
    heard.until("the numbers", [&] {
      return heard.online.size() == 21 && heard.online["room-3"] == third &&
             heard.online["room-5"] == fifth && heard.online["room-7"] == 1;
    });
  };
  counts(2, 2);
  bob.leave_room("room-5");
  counts(2, 1);
  bob.leave();
  counts(1, 1);
}

TEST_CASE("operators see subscriptions beside connections") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub, "?room=room-3"};
  room_reader heard{alice};
  const auto see = [&](int subscriptions, int of_alice, const std::string& first) {
    eventually("the numbers", [&] {
      const auto all = fetch(hub.port(), "/ws-info?connections=1").json()["connections"];
      return fetch(hub.port(), "/ws-info").json()["subscriptions"] == subscriptions &&
             scrape(hub).at("hubbub_subscriptions") == subscriptions && all.size() == 2 &&
             all[1]["subscriptions"] == of_alice && all[1]["room"] == first;
    });
    CHECK(scrape(hub).at("hubbub_connections") == 2);
  };
  see(2, 1, "lobby");
  alice.send_all(subscriptions(room_names(20)));
  see(22, 21, "lobby");
  alice.send_all({unsubscribe("lobby"), unsubscribe("room-4")});
  see(20, 19, "lobby");
  bob.leave_room("room-3");
  see(19, 19, "lobby");
  const auto rooms = fetch(hub.port(), "/ws-info").json()["rooms_total"];
  CHECK(rooms == 19);
}

TEST_CASE("in two hubs, subscriptions to one room are alike") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  room_reader here{alice}, there{bob};
  const auto rooms = room_names(30);
  alice.send_all(subscriptions(rooms));
  bob.send_all(subscriptions(rooms));
  for (int i = 0; i < 10; ++i)
    for (auto* each : {&alice, &bob})
      each->send_all(messages(rooms, std::to_string(i)));
  for (auto* each : {&here, &there})
    each->until("all messages and people", [&] {
      return std::all_of(rooms.begin(), rooms.end(), [&](const auto& room) {
        return each->texts[room].size() == 20 && each->online[room] == 2;
      });
    });
  CHECK(here.texts == there.texts);
  CHECK(here.last == there.last);
}

TEST_CASE("compressed and plain clients of many rooms receive the same") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  visitor small{hub, "", {}, {{"Sec-WebSocket-Extensions", "permessage-deflate"}}}, plain{hub};
  room_reader left{small}, right{plain};
  const auto rooms = room_names(20);
  small.send_all(subscriptions(rooms));
  plain.send_all(subscriptions(rooms));
  for (auto* each : {&left, &right})
    each->until("the rooms", [&] { return each->answers.size() == 21; });
  std::string words;
  while (words.size() < 300)
    words += "the same words again ";
  plain.send_all(messages(rooms, words));
  for (auto* each : {&left, &right})
    each->until_each_has(rooms, 1);
  CHECK(small.compressed() >= 20);
  CHECK(plain.compressed() == 0);
  small.say_in("room-9", "back");
  left.until("an answer", [&] { return left.texts["room-9"].size() == 2; });
}

TEST_CASE("over TLS, a reader of many rooms that is slow loses nothing") {
  secure_hub hub;
  auto slow = secure;
  slow.receive_buffer = small_buffers.receive_buffer;
  slow.segment = small_buffers.segment;
  visitor alice{hub.server, "", slow}, bob{hub.server, "", secure};
  room_reader left{alice}, right{bob};
  const auto rooms = room_names(20);
  alice.send_all(subscriptions(rooms));
  bob.send_all(subscriptions(rooms));
  for (auto* each : {&left, &right})
    each->until("the rooms", [&] { return each->answers.size() == 21; });
  const auto texts = numbered(std::string(900, 'x'), 60);
  for (const auto& text : texts) {
    bob.send_all(messages(rooms, text));
    right.until_each_has(rooms, right.texts["room-1"].size() + 1);
  }
  left.until_each_has(rooms, texts.size());
  for (auto* each : {&left, &right})
    for (const auto& room : rooms)
      CHECK(each->texts[room] == texts);
}

TEST_SUITE_END();
