// The log loses messages: each subscription is told, while it is live, behind, or resumes.
#include "tests/server/forks.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/support/sqlite.hpp"

using namespace test;

TEST_SUITE_BEGIN("subscription resume");

namespace {

/// Loses the messages over this id, and lets ids go on after it.
void lose_after(const sqlite& db, std::int64_t after) {
  const auto id = std::to_string(after);
  db.sql("delete from messages where id > " + id);
  db.sql("update sqlite_sequence set seq = " + id);
}

} // namespace

TEST_CASE("each subscription is told of lost messages, and none of a room that was left") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  const auto rooms = room_names(10);
  room_reader here{alice}, there{bob};
  for (auto* each : {&alice, &bob})
    each->send_all(subscriptions(rooms));
  for (auto* each : {&here, &there})
    each->until("the rooms", [&] { return each->answers.size() == 11; });
  alice.send_all(messages(rooms, "kept"));
  here.until_each_has(rooms, 1);
  const auto kept = std::stoll(db.value("select max(id) from messages"));
  alice.send_all(messages(rooms, "lost"));
  for (auto* each : {&here, &there})
    each->until_each_has(rooms, 2);
  const auto lost = std::stoll(db.value("select max(id) from messages"));
  alice.send_json(unsubscribe("room-4"));
  here.until("the end", [&] { return !here.ended.empty(); });
  lose_after(db, kept);
  bob.say_in("room-7", "after");
  for (auto* each : {&here, &there}) {
    each->until("the message", [&] { return each->texts["room-7"].back() == "after"; });
    const std::size_t count = each == &here ? 10 : 11; // with the lobby
    each->until("the forks", [&] { return each->forks.size() >= count; });
    each->until_pong();
    std::set<std::string> told;
    for (const auto& fork : each->forks) {
      told.insert(std::string(fork.at("room")));
      CHECK(check_fork(fork, kept, lost) == each->last["room-7"]);
    }
    CHECK(told.size() == count);
    CHECK(told.contains("room-4") == (each == &there));
  }
}

TEST_CASE("a subscription that resumes is told of a fork that it may not know") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=garden"};
  alice.say_all(numbered("message", 70));
  alice.hears_texts(70);
  lose_after(db, 60);
  alice.say_all(numbered("after", 3));
  const auto fork = alice.gets("fork");
  const std::int64_t first = fork["first"];
  alice.hears_texts(3);
  const json field{{"after", 60}, {"first", first}};
  visitor bob{hub};
  const auto ask = [&](std::int64_t after, std::optional<int> most) {
    auto request = cursor(after, alice);
    if (most)
      request["most"] = *most;
    return bob.enter("garden", request);
  };
  SUBCASE("from a lost id") {
    for (const std::int64_t after : {60, 65, 70, 1'000'000}) {
      CAPTURE(after);
      auto answer = ask(after, 3);
      CHECK(answer["resumed"] == true);
      CHECK(answer["fork"] == field);
      CHECK(bob.hears_texts(3) == numbered("after", 3));
      bob.leave_room("garden");
      answer = ask(after, 2);
      CHECK(answer["resumed"] == false);
      CHECK(answer["missed"] == 3);
      CHECK(answer["fork"] == field);
      CHECK(answer["history"].size() == 50);
      bob.leave_room("garden");
    }
  }
  SUBCASE("from an id that survived") {
    const auto answer = ask(58, {});
    CHECK(answer["resumed"] == true);
    CHECK(answer["fork"] == field);
    CHECK(bob.hears_texts(5) ==
          std::vector<std::string>{"message 59", "message 60", "after 1", "after 2", "after 3"});
  }
  SUBCASE("from an id after it, or without a cursor") {
    auto answer = ask(first, {});
    CHECK(answer["resumed"] == true);
    CHECK_FALSE(answer.contains("fork"));
    CHECK(bob.hears_texts(2) == std::vector<std::string>{"after 2", "after 3"});
    bob.leave_room("garden");
    answer = bob.enter("garden");
    CHECK_FALSE(answer.contains("fork"));
    CHECK(answer["history"].size() == 50);
  }
}

TEST_CASE(
    "a reader of many rooms that is behind is told of a fork in each before what follows it") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", "16384"}}};
  visitor alice{hub}, slow{hub, "", small_buffers};
  const auto rooms = room_names(5);
  room_reader here{alice}, there{slow};
  alice.send_all(subscriptions(rooms));
  slow.send_all(subscriptions(rooms));
  for (auto* each : {&here, &there})
    each->until("the rooms", [&] { return each->answers.size() == 6; });
  const std::string words(990, 'w');
  for (std::size_t i = 1; i <= 150; ++i) {
    alice.send_all(messages(rooms, words));
    here.until_each_has(rooms, i);
  }
  const auto kept = here.last["room-5"] - 250;
  lose_after(db, kept);
  alice.send_all(messages(rooms, "after"));
  here.until_each_has(rooms, 151);
  std::map<std::string, std::size_t> told;
  there.until("the messages after the fork", [&] {
    for (const auto& fork : there.forks)
      ++told[fork.at("room")];
    there.forks.clear();
    return std::all_of(rooms.begin(), rooms.end(), [&](const auto& room) {
      const bool through = !there.texts[room].empty() && there.texts[room].back() == "after";
      if (through && told[room] == 0)
        throw std::runtime_error{"not told of the fork of " + room};
      return through;
    });
  });
  // What survived was not missed: 150 messages of each room, and 100 of them before the fork.
  for (const auto& room : rooms)
    CHECK(there.texts[room].size() >= 101);
  CHECK(there.last == here.last);
}

TEST_SUITE_END();
