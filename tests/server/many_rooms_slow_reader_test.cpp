// Readers of many rooms that read slowly: they cost bounded memory, lose nothing, and wait for no
// loud room.
#include "tests/server/exposition.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("many rooms");

namespace {

constexpr std::size_t outbox_limit = 32768;

/// A text of about 900 bytes that ends with a number.
std::string long_text(std::size_t number) {
  return std::string(900, 'w') + ' ' + std::to_string(number);
}

/// The bytes that wait for all readers: in their outboxes, and in pages that were read for them.
double waiting_bytes(const hub& where) {
  const auto parts = labelled(scrape(where), "hubbub_memory_part_bytes");
  return parts.at("part=\"outboxes\"") + parts.at("part=\"past\"");
}

/// A writer and a reader with small buffers, both in all rooms.
struct slow_and_quick {
  hub& where;
  std::vector<std::string> rooms;
  visitor alice{where}, slow{where, "", small_buffers};
  room_reader quick{alice}, behind{slow};
  std::size_t said = 0;

  slow_and_quick(hub& in, std::size_t count) : where{in}, rooms{room_names(count)} {
    alice.send_all(subscriptions(rooms));
    slow.send_all(subscriptions(rooms));
    for (auto* each : {&quick, &behind})
      each->until("the rooms", [&] { return each->answers.size() == count + 1; });
  }

  /// Writes one long message to each of these rooms. Returns when the quick reader has them all.
  void say(const std::vector<std::string>& to) {
    alice.send_all(messages(to, long_text(++said)));
    const auto all = quick.messages + to.size();
    quick.until("the messages", [&] { return quick.messages == all; });
  }
};

} // namespace

TEST_CASE_TEMPLATE("a reader of 50 rooms that stops reading costs one outbox, and gets all of them "
                   "later, once and in order",
                   database, sqlite, postgres) {
  database db;
  hub hub{db, {{"OUTBOX_LIMIT", std::to_string(outbox_limit)}}};
  slow_and_quick two{hub, 50};
  double most = 0;
  for (int i = 0; i < 60; ++i) { // 50 * 60 messages of 1 KB
    two.say(two.rooms);
    two.slow.send_frame({opcode::pong, ""});
    if (i % 5 == 0)
      most = std::max(most, waiting_bytes(hub));
  }
  MESSAGE("at most " << most << " bytes waited");
  CHECK(most < 4 * outbox_limit); // of both readers
  two.behind.until_each_has(two.rooms, 60);
  CHECK(two.behind.texts == two.quick.texts);
  CHECK(two.behind.last == two.quick.last);
  two.say(two.rooms);
  two.behind.until_each_has(two.rooms, 61);
  two.behind.until_pong();
  CHECK(two.behind.texts == two.quick.texts);
  eventually("nothing to wait", [&] { return waiting_bytes(hub) == 0; });
}

TEST_CASE("a reader that is behind gets the messages of quiet rooms while other rooms stay loud") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", std::to_string(outbox_limit)}}};
  slow_and_quick two{hub, 10};
  // One quiet room is the first that was subscribed to, one the last, and one between them.
  const std::vector<std::string> quiet{"room-1", "room-5", "room-10"};
  auto loud = two.rooms;
  for (const auto& room : quiet)
    loud.erase(std::find(loud.begin(), loud.end(), room));
  for (int i = 0; i < 200; ++i) // 7 * 200 messages of 1 KB
    two.say(loud);
  two.say(quiet);
  const auto has_all_quiet = [&] {
    return std::none_of(quiet.begin(), quiet.end(),
                        [&](const auto& room) { return two.behind.texts[room].empty(); });
  };
  // Each time that the reader has read as many messages as there are loud rooms, another one is
  // written to each. The quiet rooms come before half of what the others had.
  while (!has_all_quiet()) {
    const auto next = two.behind.messages + loud.size();
    two.behind.until("some messages",
                     [&] { return two.behind.messages >= next || has_all_quiet(); });
    REQUIRE(two.behind.messages < 7 * 100);
    two.say(loud);
  }
  MESSAGE("they came within " << two.behind.messages << " messages");
  two.behind.until("the rest", [&] { return two.behind.messages == two.quick.messages; });
  CHECK(two.behind.texts == two.quick.texts);
}

TEST_CASE("a reader that is behind may leave rooms, and subscribe to others") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", std::to_string(outbox_limit)}}};
  slow_and_quick two{hub, 10};
  two.alice.enter("cellar");
  two.quick.answers["cellar"] = two.alice.init;
  for (int i = 0; i < 30; ++i) { // 10 * 30 messages of 1 KB
    two.say(two.rooms);
    two.say({"cellar"});
  }
  two.slow.send_all({unsubscribe("room-2"), subscribe("cellar", cursor(0, two.slow)),
                     unsubscribe("room-9"), subscribe("room-9"), subscribe("yard"),
                     message_in("yard", "own", "k")});
  for (int i = 0; i < 30; ++i)
    two.say(two.rooms);
  const auto others = [&] {
    auto rooms = two.rooms;
    rooms.erase(rooms.begin() + 8);
    rooms.erase(rooms.begin() + 1);
    return rooms;
  }();
  two.behind.until_each_has(others, 60);
  two.behind.until_each_has({"cellar"}, 30);
  two.behind.until("the ends and the ack",
                   [&] { return two.behind.ended.size() == 2 && two.behind.acks.size() == 1; });
  two.say(two.rooms);
  two.behind.until("the last of room 9",
                   [&] { return two.behind.last["room-9"] == two.quick.last["room-9"]; });
  two.behind.until_each_has(others, 61);
  two.behind.until_pong();
  for (const auto& room : others)
    CHECK(two.behind.texts[room] == two.quick.texts[room]);
  CHECK(two.behind.texts["cellar"] == two.quick.texts["cellar"]);
}

TEST_CASE("subscribing while everything is loud misses nothing") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", std::to_string(outbox_limit)}, {"THREADS", "2"}}};
  visitor alice{hub};
  room_reader quick{alice};
  const auto rooms = room_names(10);
  alice.send_all(subscriptions(rooms));
  quick.until("the rooms", [&] { return quick.answers.size() == 11; });
  visitor bob{hub};
  room_reader heard{bob};
  for (std::size_t i = 1; i <= 200; ++i) {
    alice.send_all(messages(rooms, long_text(i)));
    const auto& room = rooms[i % rooms.size()];
    const bool leaves = heard.answers.contains(room) && i % 3 == 0;
    bob.send_json(leaves ? unsubscribe(room) : subscribe(room, cursor(heard.last[room], bob)));
    heard.until("an answer", [&] { return heard.answers.contains(room) != leaves; });
    if (i % 10 == 0)
      quick.until_each_has(rooms, i);
  }
  for (const auto& room : rooms)
    if (!heard.answers.contains(room))
      bob.send_json(subscribe(room, cursor(heard.last[room], bob)));
  heard.until_each_has(rooms, 200);
  for (const auto& room : rooms)
    CHECK(heard.texts[room] == quick.texts[room]);
}

TEST_SUITE_END();
